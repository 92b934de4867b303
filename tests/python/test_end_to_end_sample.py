"""The sample through the whole pipeline: what comes out agrees with the truth beside it."""

from conftest import SAMPLE, Warehouse

ENRICHED = "enrichment.enriched_sbir_awards"
METHODS = {
    "uei-exact",
    "duns-exact",
    "award-key-exact",
    "firm-exact",
    "name-exact",
    "name-fuzzy-auto",
}
REASONS = {
    "special name",
    "ambiguous",
    "below threshold",
    "firm's last award before 2007-10-01",
    "identifier unknown to the recipients",
    "no identifier and no similar name",
}
# What is unknown where no prime awards are loaded.
OF_PRIME_AWARDS = {
    "sbir_firm_federal_history": ("prime_awards", "sbir_prime_awards", "other_prime_awards", "total_obligation"),
    "sbir_phase_1_outcomes": ("prime_awards", "other_awards_before", "other_awards_after", "first_other_award_date"),
    "sbir_phase_2_outcomes": ("prime_awards", "other_awards_after", "other_obligation_after", "obligation_rank"),
}
SCHEMAS = ("staging", "intermediate", "enrichment", "analytics", "quality")


def values(warehouse: Warehouse, sql: str) -> set[object]:
    return {row[0] for row in warehouse.query(sql)}


def test_sample_shows_every_method_status_and_reason(built_sample: Warehouse) -> None:
    assert values(built_sample, f"select _usaspending_match_method from {ENRICHED}") == METHODS | {None}
    assert values(built_sample, f"select _usaspending_match_status from {ENRICHED}") == {
        "matched",
        "ambiguous",
        "review",
        "unmatched",
    }
    assert values(built_sample, f"select _usaspending_unmatched_reason from {ENRICHED}") == REASONS | {None}
    assert values(built_sample, f"select _usaspending_identifier_conflict from {ENRICHED}") == {
        True,
        False,
    }


def test_every_record_is_accounted_for(built_sample: Warehouse) -> None:
    (row,) = built_sample.query(
        f"""select records_read, rows_quarantined, (select count(*) from {ENRICHED}),
        (select count(distinct award_key) from {ENRICHED})
        from raw.load_history where input = 'awards' and is_current"""
    )
    read, quarantined, enriched, keys = row
    assert enriched == keys == int(str(read)) - int(str(quarantined))


def test_links_agree_with_the_truth(built_sample: Warehouse) -> None:
    """Precision of each method on the generated truth; the frozen floor is below what was measured."""
    rows = built_sample.query(
        f"""
        select
            awards._usaspending_match_method,
            count(*) filter (where awards.usaspending_recipient_hash = truth.recipient_hash) / count(*)
        from {ENRICHED} as awards
        inner join staging.stg_sbir__awards as staged using (award_key)
        inner join read_csv('{SAMPLE}/true_links.csv', all_varchar = true) as truth
            on staged.source_row_number = cast(truth.award_row_number as bigint)
        where awards._usaspending_match_status = 'matched'
        group by all
        """
    )
    assert {method for method, _ in rows} == METHODS
    assert {method: share for method, share in rows if float(str(share)) < 0.95} == {}


def test_firms_without_recipient_are_not_linked_and_twins_wait_for_a_person(built_sample: Warehouse) -> None:
    """A recipient one letter away is another firm's in the sample, so only a person may link it."""
    rows = built_sample.query(
        f"""
        select truth.noise_class, awards._usaspending_match_status, count(*)
        from {ENRICHED} as awards
        inner join staging.stg_sbir__awards as staged using (award_key)
        inner join read_csv('{SAMPLE}/true_links.csv', all_varchar = true) as truth
            on staged.source_row_number = cast(truth.award_row_number as bigint)
        where truth.recipient_hash is null
        group by all
        """
    )
    assert [row for row in rows if row[1] == "matched"] == []
    assert {(kind, status) for kind, status, _ in rows} >= {
        ("near_twin_only", "review"),
        ("unlisted", "unmatched"),
        ("unlisted_and_old", "unmatched"),
    }


def test_two_builds_give_identical_tables(built_sample: Warehouse, warehouse: Warehouse) -> None:
    assert warehouse.load("--sample").exit_code == 0
    assert warehouse.build_tables(SBIR_THREADS="1").exit_code == 0
    tables = warehouse.query(
        f"select table_schema, table_name from information_schema.tables where table_schema in {SCHEMAS}"
    )
    assert len(tables) > 40
    with warehouse.reading() as one, built_sample.reading() as other:
        for schema, table in tables:
            sql = f"select count(*), bit_xor(hash(rows)) from {schema}.{table} as rows"
            assert one.execute(sql).fetchall() == other.execute(sql).fetchall(), table


def test_every_award_is_explained(built_sample: Warehouse) -> None:
    assert built_sample.query(
        f"""select count(*) from {ENRICHED} left join analytics.sbir_match_explanations using (award_key)
        where explanation is null"""
    ) == [(0,)]


def test_special_recipients_are_never_linked(built_sample: Warehouse) -> None:
    assert built_sample.query(
        "select count(*) > 0 from staging.stg_usaspending__recipients where recipient_name = 'MULTIPLE RECIPIENTS'"
    ) == [(True,)]
    assert built_sample.query(
        f"""select count(*) from {ENRICHED} where usaspending_recipient_name in
        ('MULTIPLE RECIPIENTS', 'REDACTED DUE TO PII', 'MULTIPLE FOREIGN RECIPIENTS', 'PRIVATE INDIVIDUAL')"""
    ) == [(0,)]


def test_without_prime_awards_obligations_are_unknown(warehouse: Warehouse) -> None:
    loaded = warehouse.load(
        "--awards",
        str(SAMPLE / "award_data.csv"),
        "--recipients",
        str(SAMPLE / "recipient_lookup.csv"),
    )
    assert loaded.exit_code == 0, loaded.output
    done = warehouse.build_tables()
    assert done.exit_code == 0, done.output
    assert warehouse.query(
        f"select count(usaspending_total_obligation), count(usaspending_award_count) from {ENRICHED}"
    ) == [(0, 0)]
    for model, columns in OF_PRIME_AWARDS.items():
        known = ", ".join(f"count({column})" for column in columns)
        assert warehouse.query(f"select count(*) > 0, {known} from analytics.{model}") == [(True, 0, 0, 0, 0)], model


def test_firms_with_other_federal_business_are_followed(built_sample: Warehouse) -> None:
    """Every prime award of a linked recipient is in the history, once for each firm linked to it."""
    (row,) = built_sample.query(
        """
        select
            sum(prime_awards) = (
                select count(*)
                from intermediate.int_prime_award_recipients
                inner join (
                    select distinct firm_key, usaspending_recipient_hash as recipient_hash
                    from enrichment.enriched_sbir_awards where firm_key is not null
                ) using (recipient_hash)
            ),
            sum(sbir_prime_awards) > 0,
            sum(other_prime_awards) > 0,
            sum(prime_awards) = sum(sbir_prime_awards) + sum(other_prime_awards)
        from analytics.sbir_firm_federal_history
        """
    )
    assert row == (True, True, True, True)


def test_published_tables_become_data_frames(built_sample: Warehouse) -> None:
    with built_sample.reading(published=True) as connection:
        frame = connection.sql("select company_name, award_amount from enrichment.enriched_sbir_awards").df()
    assert frame.shape == (1500, 2)
    assert frame["award_amount"].sum() > 0
