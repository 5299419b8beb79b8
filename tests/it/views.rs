//! What each view shows of the story.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use trailwright_query::VIEWS;

use crate::story::{self, Asker};

#[test]
fn each_view_shows_the_story_in_its_own_way() {
    let story = Asker::of(story::lake());
    let questions = [
        (
            "role_sessions",
            "select * from role_sessions order by started_at, access_key_id",
        ),
        (
            "iam_changes",
            "select event_id, entity, object, before, after, before_known, changed_by from iam_changes order by event_time, event_id",
        ),
        ("principals", "select * from principals order by principal"),
        (
            "access_keys",
            "select * from access_keys order by access_key_id",
        ),
        (
            "named_events",
            "select principal, user_identity_type, principal_arn, user_identity_arn, count(*) as n from named_events group by 1, 2, 3, 4 order by 1, 2, 3, 4",
        ),
    ];
    for (view, question) in questions {
        let rows = story.ask(question, &BTreeMap::new());
        insta::assert_snapshot!(format!("view_{view}"), rows.all_upright());
    }
}

#[test]
fn a_change_that_follows_no_known_change_does_not_claim_to_know_what_was_there() {
    let lake = story::lake();
    let known = lake.ask("select event_id from iam_changes where not before_known order by 1");
    assert_eq!(known, ["iam-4", "iam-7", "iam-8"]);
}

#[test]
fn a_policy_version_counts_when_it_becomes_the_default() {
    let lake = story::lake();
    let changed = lake.ask(
        "select json_extract_scalar(before, '$.Statement[0].Action'), json_extract_scalar(after, '$.Statement[0].Action') \
         from iam_changes where event_id = 'iam-3'",
    );
    assert_eq!(changed, ["s3:ListAllMyBuckets,*"]);
}

const PAGE: &str = "docs/reference/views.md";

#[test]
fn the_page_of_views_is_made_from_their_headers_and_columns() {
    let story = Asker::of(story::lake());
    let mut page = String::from(
        "# Views\n\n\
         Made from `query/views/*.sql` by `TRAILWRIGHT_BLESS=1 cargo test --test it page_of_views`; do not edit.\n\n\
         Views are computed when they are asked, from the table `events` ([columns](columns.md)); `open_rejected` from `rejected` and `replayed`.\n",
    );
    for (name, sql) in VIEWS {
        let header: Vec<&str> = sql
            .lines()
            .map_while(|line| line.strip_prefix("--"))
            .map(str::trim)
            .collect();
        let columns = story
            .ask(&format!("SELECT * FROM {name} LIMIT 0"), &BTreeMap::new())
            .columns;
        let columns = if name == "named_events" {
            vec!["all of events".to_owned(), "`principal`".to_owned()]
        } else {
            columns.iter().map(|column| format!("`{column}`")).collect()
        };
        let _ = write!(
            page,
            "\n## {name}\n\n{}\n\nColumns: {}.\n",
            header.join("\n"),
            columns.join(", ")
        );
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    if std::env::var_os("TRAILWRIGHT_BLESS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(written, page, "{PAGE} is old: run the command it names");
}
