//! The command line as a whole, with its commands in groups.

use clap::builder::StyledStr;
use clap::{Command, CommandFactory as _};

use super::Args;

/// The commands, by what people want. Each is in one group.
const GROUPS: [(&str, &[&str]); 6] = [
    ("Begin", &["demo", "doctor"]),
    ("Bring in", &["ingest", "run", "coverage", "rejected"]),
    ("Ask", &["query", "hunt", "report", "tail"]),
    (
        "Understand",
        &[
            "explain",
            "agreement",
            "policies",
            "route",
            "simulate",
            "policy",
        ],
    ),
    ("Keep", &["compact", "retain", "vacuum"]),
    ("Set up", &["completions", "man"]),
];

/// The definition of the command line.
pub(crate) fn command() -> Command {
    let command = Args::command();
    let template = template(&command);
    command.help_template(template)
}

/// clap lists commands in one group, so the list is made here.
fn template(command: &Command) -> StyledStr {
    let header = command.get_styles().get_header();
    let literal = command.get_styles().get_literal();
    let mut text = String::from("{about-with-newline}\n{usage-heading} {usage}\n");
    for (group, names) in GROUPS {
        text += &format!("\n{header}{group}:{header:#}\n");
        for name in names {
            let about = command.find_subcommand(name).and_then(Command::get_about);
            let about = about.map(ToString::to_string).unwrap_or_default();
            text += &format!("  {literal}{name:<12}{literal:#} {about}\n");
        }
    }
    text += &format!("\n{header}Options:{header:#}\n{{options}}{{after-help}}");
    text.into()
}

#[cfg(test)]
mod tests {
    use super::{GROUPS, command};

    #[test]
    fn every_command_is_in_one_group_of_the_help() {
        let mut grouped: Vec<&str> = GROUPS
            .iter()
            .flat_map(|(_, names)| *names)
            .copied()
            .collect();
        grouped.sort_unstable();
        let command = command();
        let mut known: Vec<&str> = command
            .get_subcommands()
            .map(clap::Command::get_name)
            .collect();
        known.sort_unstable();
        assert_eq!(grouped, known);
    }

    #[test]
    fn the_command_line_contradicts_itself_nowhere() {
        command().debug_assert();
    }
}
