//! Reading the data files. A line of another form than `data/README.md` says is kept in
//! `unreadable`; a test holds that there is none.

use super::{
    AccessLevel, ArnTemplate, ConditionKey, Entry, Release, ResourceType, Service, ServiceData, Use,
};

pub(super) fn read(services: &'static str, global_keys: &'static str) -> ServiceData {
    let mut data = ServiceData {
        release: release(services),
        services: Vec::new(),
        global_keys: Vec::new(),
        unreadable: Vec::new(),
    };
    for line in lines(services) {
        if add(line, &mut data.services).is_none() {
            data.unreadable.push(line);
        }
    }
    for line in lines(global_keys) {
        match key(line) {
            Some(key) => data.global_keys.push(key),
            None => data.unreadable.push(line),
        }
    }
    data
}

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.starts_with('#'))
}

fn release(text: &'static str) -> Release {
    let field = |name: &str| {
        let value = |line: &'static str| {
            line.strip_prefix("# ")?
                .strip_prefix(name)?
                .strip_prefix(": ")
        };
        let mut comments = text.lines().take_while(|line| line.starts_with('#'));
        comments.find_map(value).unwrap_or_default()
    };
    Release {
        source: field("Source"),
        version: field("Version"),
        date: field("Date"),
        licence: field("Licence"),
    }
}

/// Adds a line to the service it belongs to. `None`: it has not the documented form.
fn add(line: &'static str, services: &mut Vec<Service>) -> Option<()> {
    let mut fields = line.split('\t');
    let kind = fields.next()?;
    if kind == "service" {
        let prefix = fields.next()?;
        let flags = fields.next().unwrap_or_default();
        services.push(Service {
            prefix,
            under_rcp: flags.split(' ').any(|flag| flag == "rcp"),
            is_partial: flags.split(' ').any(|flag| flag == "partial"),
            keys: Vec::new(),
            types: Vec::new(),
            actions: Vec::new(),
        });
        return Some(());
    }
    let service = services.last_mut()?;
    match kind {
        "key" => service.keys.push(key(line)?),
        "type" => service.types.push(ResourceType {
            name: fields.next()?,
            template: ArnTemplate::new(fields.next()?),
            keys: places(fields.next(), service.keys.len())?,
        }),
        _ => service.actions.push(Entry {
            level: level(kind)?,
            name: fields.next()?,
            keys: places(fields.next(), service.keys.len())?,
            uses: uses(fields.next(), service)?,
        }),
    }
    Some(())
}

fn key(line: &'static str) -> Option<ConditionKey> {
    let mut fields = line.strip_prefix("key\t")?.split('\t');
    ConditionKey::new(fields.next()?, fields.next()?)
}

fn level(letter: &str) -> Option<AccessLevel> {
    Some(match letter {
        "L" => AccessLevel::List,
        "R" => AccessLevel::Read,
        "W" => AccessLevel::Write,
        "P" => AccessLevel::PermissionsManagement,
        "T" => AccessLevel::Tagging,
        _ => return None,
    })
}

/// `0,4,7`: each less than `count`.
fn places(field: Option<&str>, count: usize) -> Option<Box<[u16]>> {
    match field {
        None | Some("") => Some(Box::default()),
        Some(text) => text.split(',').map(|number| place(number, count)).collect(),
    }
}

fn place(number: &str, count: usize) -> Option<u16> {
    let place: u16 = number.parse().ok()?;
    (usize::from(place) < count).then_some(place)
}

/// `2*:1,3 5`
fn uses(field: Option<&str>, service: &Service) -> Option<Box<[Use]>> {
    let words = field
        .unwrap_or_default()
        .split(' ')
        .filter(|word| !word.is_empty());
    words
        .map(|word| {
            let (number, keys) = word.split_once(':').unwrap_or((word, ""));
            let (number, required) = match number.strip_suffix('*') {
                Some(number) => (number, true),
                None => (number, false),
            };
            Some(Use {
                place: place(number, service.types.len())?,
                required,
                keys: places(Some(keys), service.keys.len())?,
            })
        })
        .collect()
}
