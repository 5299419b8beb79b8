//! What holds for all commands: exit codes, pipes that nobody reads, windows,
//! completions, manual pages.

use std::process::{Command, Output, Stdio};

use crate::command::Trailwright;

/// A small synthetic organization; its lake is in `demo/lake`.
fn demo() -> Trailwright {
    let trailwright = Trailwright::new();
    trailwright.run(&["demo", "--directory", "demo", "--quiet"]);
    trailwright
}

const LAKE: [&str; 2] = ["--lake", "demo/lake"];

/// Every command that asks a lake, with arguments that suffice.
const ASKING: [&[&str]; 12] = [
    &["query", "select event_id, raw from events"],
    &[
        "query",
        "select event_id, raw from events",
        "--output",
        "csv",
    ],
    &[
        "query",
        "select event_id, raw from events",
        "--output",
        "table",
    ],
    &[
        "query",
        "select event_id, raw from events",
        "--output",
        "parquet",
    ],
    &[
        "hunt",
        "super-timeline",
        "--param",
        "at=2026-03-09T10:00:00Z",
    ],
    &["tail", "-n", "1000"],
    &["rejected"],
    &["coverage"],
    &["agreement"],
    &["compact", "--dry-run"],
    &["retain", "--dry-run"],
    &["vacuum", "--dry-run"],
];

#[test]
fn each_kind_of_end_has_its_code() {
    let trailwright = demo();
    let cases: [(i32, &[&str]); 16] = [
        (0, &["query", "--lake", "demo/lake", "select 1"]),
        (0, &["--help"]),
        (0, &["query", "-h"]),
        (
            1,
            &["hunt", "root-use", "--lake", "demo/lake", "--exit-code"],
        ),
        (2, &["no-such-command"]),
        (2, &["query", "--no-such-flag"]),
        (
            2,
            &[
                "query",
                "--lake",
                "demo/lake",
                "select nothing from nowhere",
            ],
        ),
        (2, &["query", "--lake", "demo/lake", "drop table events"]),
        (2, &["hunt", "no-such-hunt"]),
        (2, &["--tz", "Mars/Olympus", "query", "select 1"]),
        (2, &["tail", "--lake", "demo/lake", "--since", "soon"]),
        (
            2,
            &[
                "agreement",
                "--lake",
                "demo/lake",
                "--since",
                "1h",
                "--until",
                "2h",
            ],
        ),
        (2, &["--config", "no-such-file.toml", "query", "select 1"]),
        (3, &["ingest", "--lake", "other", "no-such-file"]),
        (4, &["query", "--lake", "nowhere", "select 1"]),
        (4, &["tail", "--lake", "nowhere"]),
    ];
    for (code, args) in cases {
        trailwright.run_to(args, code);
    }
    for args in ASKING.iter().filter(|args| args[0] != "coverage") {
        trailwright.run_to(&[args, &["--lake", "nowhere"][..]].concat(), 4);
    }
}

#[test]
fn the_help_says_what_exit_codes_mean_and_groups_commands() {
    let help = Trailwright::new().run(&["--help"]);
    for expected in [
        "Exit codes: 0 done",
        "· 130",
        "\nAsk:\n  query",
        "[env: TRAILWRIGHT_TZ",
    ] {
        assert!(help.contains(expected), "{expected}\n{help}");
    }
    let short = Trailwright::new().run(&["-h"]);
    assert!(short.len() < help.len(), "-h is the short one");
}

/// A pipe whose reader went away, as in `trailwright … | head -0`.
fn unread(trailwright: &Trailwright, args: &[&str]) -> Output {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    Command::new(env!("CARGO_BIN_EXE_trailwright"))
        .args(args)
        .current_dir(trailwright.path("."))
        .env_clear()
        .stdin(Stdio::null())
        .stdout(writer)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
        .wait_with_output()
        .unwrap()
}

#[test]
fn nobody_hears_of_a_pipe_that_is_no_longer_read() {
    let trailwright = demo();
    let policies = ["policies", "as-of", "2026-03-10"];
    let mut commands: Vec<Vec<&str>> = ASKING.iter().map(|args| args.to_vec()).collect();
    commands.push(policies.to_vec());
    for args in &mut commands {
        args.extend(LAKE);
    }
    for args in [
        &["hunt", "list"][..],
        &["hunt", "root-use", "--sql"],
        &["completions", "bash"],
        &["route", "demo/logs"],
        &["explain", "--file", "demo/logs"],
        &["--help"],
    ] {
        commands.push(args.to_vec());
    }
    for args in commands {
        let output = unread(&trailwright, &args);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{args:?}: {said}");
        assert!(
            !said.contains("roken pipe") && !said.contains("panicked"),
            "{args:?}: {said}"
        );
    }
}

#[test]
fn nobody_hears_of_standard_error_that_is_no_longer_read() {
    let trailwright = demo();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let status = Command::new(env!("CARGO_BIN_EXE_trailwright"))
        .args(["agreement", "--lake", "demo/lake", "--since", "2026-03-09"])
        .current_dir(trailwright.path("."))
        .stdout(Stdio::null())
        .stderr(writer)
        .status();
    assert_eq!(status.unwrap().code(), Some(0));
}

#[test]
fn a_window_is_said_in_the_zone_asked_for_unless_quiet() {
    let trailwright = demo();
    let window = ["--since", "2026-03-09", "--until", "2026-03-09T12:00:00Z"];
    let said = |more: &[&str]| {
        let args = [&["agreement"], &LAKE[..], &window, more].concat();
        trailwright.complaint(&args, 0)
    };
    assert_eq!(
        said(&[]),
        "since 2026-03-09T00:00:00Z\nuntil 2026-03-09T12:00:00Z\n"
    );
    assert_eq!(
        said(&["--tz", "Europe/Berlin"]),
        "since 2026-03-09T01:00:00+01:00\nuntil 2026-03-09T13:00:00+01:00\n"
    );
    assert_eq!(said(&["-q"]), "");
}

#[test]
fn warnings_are_said_unless_only_errors_are_asked_for() {
    let trailwright = Trailwright::new();
    trailwright.write("policies/broken.json", "{");
    trailwright.write("empty.jsonl", "");
    let said = |volume: &[&str]| {
        let args = [
            "ingest",
            "--lake",
            "lake",
            "--policies",
            "policies",
            "empty.jsonl",
        ];
        let output = trailwright.output(&[&args[..], volume].concat());
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(said(&["-q"]).contains("broken.json"));
    assert!(!said(&["-qq"]).contains("broken.json"));
    trailwright.complaint(&["-q", "-v", "query", "select 1"], 2);
}

#[test]
fn colour_is_there_when_it_is_asked_for() {
    let trailwright = demo();
    let role = trailwright.run(
        &[
            &["query", "--output", "csv", "--no-header"],
            &LAKE[..],
            &["select max(iam_resources[1]) from events where event_name = 'PutRolePolicy'"],
        ]
        .concat(),
    );
    let history = |color: &str| {
        let args = [
            "policies",
            "history",
            role.trim(),
            "--output",
            "text",
            "--color",
            color,
        ];
        trailwright.run(&[&args[..], &LAKE].concat())
    };
    assert!(history("always").contains("\u{1b}["));
    assert!(!history("never").contains('\u{1b}') && !history("auto").contains('\u{1b}'));
}

#[test]
fn completions_and_manual_pages_know_every_command() {
    let trailwright = Trailwright::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish", "nushell"] {
        let script = trailwright.run(&["completions", shell]);
        for name in ["rejected", "vacuum", "max-rows"] {
            assert!(script.contains(name), "{shell}: {name}");
        }
    }
    trailwright.run(&["man", "man1"]);
    let page = |name: &str| std::fs::read_to_string(trailwright.path(name)).unwrap();
    assert!(page("man1/trailwright.1").contains("Exit codes"));
    assert!(page("man1/trailwright-query.1").contains("max\\-rows"));
    assert!(page("man1/trailwright-rejected-replay.1").contains("dry\\-run"));
}
