//! `[source.kafka]`

use std::collections::BTreeMap;

use serde::Deserialize;

use super::objects::Objects;

/// `[source]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SourceSettings {
    pub(crate) kafka: Kafka,
    pub(crate) objects: Objects,
}

/// `[source.kafka]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Kafka {
    /// First part of the names of positions.
    pub(crate) name: String,
    /// Topics, or patterns that begin with `^`.
    pub(crate) topics: Vec<String>,
    pub(crate) dead_letter: DeadLetter,
    /// librdkafka's properties.
    properties: BTreeMap<String, Value>,
}

/// `[source.kafka.dead_letter]`
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct DeadLetter {
    /// Where messages go that cannot be used, besides `rejected`.
    pub(crate) topic: Option<String>,
}

impl Default for Kafka {
    fn default() -> Self {
        Self {
            name: "kafka".to_owned(),
            topics: Vec::new(),
            dead_letter: DeadLetter::default(),
            properties: BTreeMap::new(),
        }
    }
}

/// A property as TOML people write it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
enum Value {
    Text(String),
    Number(i64),
    Switch(bool),
}

impl Kafka {
    /// The properties as librdkafka reads them, with `${NAME}` replaced from
    /// the environment, so that a password need not stand in a file.
    pub(crate) fn properties(
        &self,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<BTreeMap<String, String>, String> {
        let text = |(name, value): (&String, &Value)| {
            let value = match value {
                Value::Text(text) => expand(text, &environment)
                    .map_err(|why| format!("source.kafka.properties.\"{name}\": {why}"))?,
                Value::Number(number) => number.to_string(),
                Value::Switch(on) => on.to_string(),
            };
            Ok((name.clone(), value))
        };
        self.properties.iter().map(text).collect()
    }
}

/// Replaces each `${NAME}`.
fn expand(text: &str, environment: impl Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, behind) = after
            .split_once('}')
            .ok_or_else(|| format!("{text:?} opens ${{ and does not close it"))?;
        let value = environment(name)
            .ok_or_else(|| format!("the environment variable {name} is not set"))?;
        expanded += before;
        expanded += &value;
        rest = behind;
    }
    Ok(expanded + rest)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::Kafka;

    fn kafka(text: &str) -> Kafka {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn properties_are_written_as_toml_and_read_as_librdkafka_does() {
        let kafka = kafka(
            "topics = ['a']\n[properties]\n\"enable.ssl.certificate.verification\" = false\n\
             \"session.timeout.ms\" = 6000\n\"sasl.password\" = 'x${PASSWORD}y'\n",
        );
        let environment = |name: &str| (name == "PASSWORD").then(|| "secret".to_owned());
        let properties = kafka.properties(environment).unwrap();
        assert_eq!(properties["enable.ssl.certificate.verification"], "false");
        assert_eq!(properties["session.timeout.ms"], "6000");
        assert_eq!(properties["sasl.password"], "xsecrety");
    }

    #[test]
    fn a_variable_that_is_not_set_is_named_with_its_property() {
        let kafka = kafka("[properties]\n\"sasl.password\" = '${PASSWORD}'\n");
        let error = kafka.properties(|_| None).unwrap_err();
        assert_eq!(
            error,
            "source.kafka.properties.\"sasl.password\": the environment variable PASSWORD is not set"
        );
    }
}
