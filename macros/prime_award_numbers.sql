{#-
  The numbers that a prime award goes by, with further columns of it: those of contracts (PIID), grants (FAIN, URI), an order's together
  with its parent contract's. An order's number stands without its contract only where it is long enough to be no mere "0001".
-#}
{% macro prime_award_numbers(prime_awards, columns) -%}
    {%- set numbers = {
        'piid': 'parent_piid is null or length(piid) >= ' ~ threshold('min_key_length_alone'),
        'parent_piid || piid': 'parent_piid is not null',
        'fain': none,
        'uri': none,
    } -%}
    {%- for number, condition in numbers.items() %}
    select
        {{ number }} as award_number,
        {{ columns | join(',\n        ') }}
    from {{ prime_awards }}
    {%- if condition %}
    where {{ condition }}
    {%- endif %}
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}
{%- endmacro %}
