//! The lines on standard error. Commands that end speak plainly; the daemon says
//! one event a line, with its time, for people or as JSON.
//!
//! A message tells a person everything; its fields say the same to machines.

use std::fmt::{self, Write as _};

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::{LookupSpan, Registry};
use tracing_subscriber::reload;

use crate::failure::Failure;

/// How much is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Volume {
    /// Only what went wrong.
    Errors,
    /// What is wrong.
    Less,
    /// What a person wants to know.
    Normal,
    /// What a person wants to know who wonders.
    More,
    /// What a developer wants to know.
    Everything,
}

impl Volume {
    /// The filter of commands that end.
    fn of_command(self) -> &'static str {
        match self {
            Self::Errors => "off,policies=error,trailwright=error",
            Self::Less => "off,policies=warn,trailwright=warn",
            Self::Normal => "off,policies=info,trailwright=info",
            Self::More => "info",
            Self::Everything => "debug",
        }
    }

    /// The filter of the daemon: its own events, and of libraries what is
    /// wrong. librdkafka speaks when its property `debug` is set.
    pub(crate) fn of_daemon(self) -> &'static str {
        match self {
            Self::Errors => "error",
            Self::Less => "warn",
            Self::Normal => {
                "warn,kafka=info,labels=info,lake=info,policies=info,reports=info,service=info,trailwright=info,librdkafka=debug"
            }
            Self::More => "info,librdkafka=debug",
            Self::Everything => "debug",
        }
    }
}

/// How lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// `policies: …`
    Plain,
    /// `2026-03-09T08:00:00.000Z  INFO policies: …`
    Human,
    /// One JSON object a line.
    Json,
}

/// The log of this process, whose filter can change.
pub(crate) struct Log {
    filter: reload::Handle<Targets, Registry>,
}

impl Log {
    /// Begins to write to standard error. A process has one log: the first.
    pub(crate) fn begin(form: Form, volume: Volume, now: fn() -> DateTime<Utc>) -> Self {
        let text = match form {
            Form::Plain => volume.of_command(),
            Form::Human | Form::Json => volume.of_daemon(),
        };
        let targets: Targets = text.parse().unwrap_or_default();
        let (filter, handle) = reload::Layer::new(targets);
        let lines = tracing_subscriber::fmt::layer()
            .with_writer(std::io::stderr)
            .event_format(Lines { form, now });
        let subscriber = Registry::default().with(filter).with(lines);
        let _ = tracing::subscriber::set_global_default(subscriber);
        Self { filter: handle }
    }

    /// Says what `filter` asks for from now on: `info`, or
    /// `warn,kafka=info,librdkafka=debug`.
    pub(crate) fn set_filter(&self, filter: &str) -> Result<(), Failure> {
        let targets = Self::check_filter(filter)?;
        // Fails only when there is nothing left that writes.
        let _ = self.filter.reload(targets);
        Ok(())
    }

    /// Whether a filter can be read.
    pub(crate) fn check_filter(filter: &str) -> Result<Targets, Failure> {
        filter.parse().map_err(|error| {
            Failure::usage(format!(
                "the log filter {filter:?} cannot be read: {error}; write a level (error, warn, info, debug, trace, off) \
                 or TARGET=LEVEL, with commas between them"
            ))
        })
    }
}

/// Writes one event as one line.
struct Lines {
    form: Form,
    now: fn() -> DateTime<Utc>,
}

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut said = Said::default();
        event.record(&mut said);
        let metadata = event.metadata();
        let line = line(
            self.form,
            (self.now)(),
            *metadata.level(),
            metadata.target(),
            &said,
        );
        writer.write_str(&line)
    }
}

fn line(form: Form, now: DateTime<Utc>, level: Level, target: &str, said: &Said) -> String {
    let message = &said.message;
    match form {
        Form::Plain => format!("{target}: {message}\n"),
        Form::Human => {
            let time = now.to_rfc3339_opts(SecondsFormat::Millis, true);
            let mut line = format!("{time} {level:>5} {target}: ");
            // What others wrote (topics, file names, answers of servers) begins
            // no line and is harmless on a terminal.
            for character in message.chars() {
                match character {
                    '\n' => line += "\n    ",
                    _ if character.is_control() => line.extend(character.escape_default()),
                    _ => line.push(character),
                }
            }
            line.push('\n');
            line
        }
        Form::Json => {
            let time = now.to_rfc3339_opts(SecondsFormat::Millis, true);
            let level = level.as_str().to_lowercase();
            let mut line = format!(
                r#"{{"time":"{time}","level":"{level}","target":{},"message":{}"#,
                Value::from(target),
                Value::from(message.as_str())
            );
            for (name, value) in &said.fields {
                let _ = write!(line, ",{}:{value}", Value::from(name.as_str()));
            }
            line + "}\n"
        }
    }
}

/// What an event holds.
#[derive(Default)]
struct Said {
    message: String,
    fields: Map<String, Value>,
}

impl Said {
    fn put(&mut self, field: &Field, value: Value) {
        self.fields.insert(field.name().to_owned(), value);
    }
}

impl Visit for Said {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let text = format!("{value:?}");
        if field.name() == "message" {
            self.message = text;
        } else {
            self.put(field, text.into());
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            self.message = value.to_owned();
        } else {
            self.put(field, value.into());
        }
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use serde_json::json;
    use tracing::Level;
    use tracing_subscriber::filter::Targets;

    use super::{Form, Said, Volume, line};

    fn written(form: Form, message: &str) -> String {
        let mut said = Said {
            message: message.to_owned(),
            ..Said::default()
        };
        said.fields.insert("events".to_owned(), json!(3));
        said.fields
            .insert("source".to_owned(), json!("kafka/a\"b/0"));
        let now = DateTime::<Utc>::from_timestamp_millis(1_773_043_200_250);
        line(form, now.unwrap_or_default(), Level::INFO, "lake", &said)
    }

    #[test]
    fn the_three_forms_of_a_line() {
        let forms = [Form::Plain, Form::Human, Form::Json];
        let lines = forms.map(|form| written(form, "stored 3 new events"));
        insta::assert_snapshot!(lines.concat(), @r#"
        lake: stored 3 new events
        2026-03-09T08:00:00.250Z  INFO lake: stored 3 new events
        {"time":"2026-03-09T08:00:00.250Z","level":"info","target":"lake","message":"stored 3 new events","events":3,"source":"kafka/a\"b/0"}
        "#);
    }

    #[test]
    fn what_others_wrote_can_begin_no_line_and_is_no_escape() {
        let wicked = "a\n2026-03-09T08:00:00.250Z  INFO lake: \u{1b}[2J";
        for form in [Form::Human, Form::Json] {
            let written = written(form, wicked);
            let mut more = written.lines().skip(1);
            assert!(more.all(|line| line.starts_with("    ")), "{written}");
            assert!(!written.contains('\u{1b}'), "{written}");
        }
        assert_eq!(written(Form::Json, wicked).lines().count(), 1);
    }

    #[test]
    fn our_own_filters_can_be_read() {
        let volumes = [
            Volume::Errors,
            Volume::Less,
            Volume::Normal,
            Volume::More,
            Volume::Everything,
        ];
        for filter in volumes.map(|it| [it.of_command(), it.of_daemon()]).concat() {
            assert!(filter.parse::<Targets>().is_ok(), "{filter}");
        }
    }
}
