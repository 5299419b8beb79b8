//! The page docs/reference/explain.md shows what the commands print.

use crate::command::Trailwright;

const PAGE: &str = include_str!("../../docs/reference/explain.md");

/// What is left out of an output.
const CUT: &str = "…";

#[test]
fn every_output_on_the_page_is_what_the_command_prints() {
    let trailwright = Trailwright::new();
    trailwright.run(&["demo"]);
    let blocks = PAGE.split("```\n").filter(|block| block.starts_with("$ "));
    let mut shown = 0;
    for block in blocks {
        let (command, output) = block.split_once('\n').unwrap();
        let mut args: Vec<&str> = command.split_whitespace().skip(2).collect();
        args.extend(["--output", "text", "--quiet"]);
        let printed = trailwright.run(&args);
        let mut rest = printed.lines();
        for line in output.lines().filter(|line| line.trim() != CUT) {
            let line = line.trim_end_matches(CUT);
            assert!(
                rest.any(|printed| printed.starts_with(line)),
                "{command}\n  does not print, or not there: {line}\n{printed}"
            );
        }
        shown += 1;
    }
    assert!(shown >= 4, "{shown}");
}
