-- Purpose: the links that this build gained, lost or points elsewhere, against the published file as it was when the build ran,
-- each with the reason: the culprits behind a lower match rate, so it is built whatever the gates say. Empty where nothing is
-- published, or what is was published before it recorded what is compared.
-- Grain: one row per award whose link is another.
{% set after = {
    'awards': ref('enriched_sbir_awards'),
    'recipients': ref('known_recipients'),
    'decisions': ref('known_decisions'),
    'basis': ref('link_basis'),
} %}

{{ link_changes(published_links(after), after, recipient_code) }}
