//! `trailwright policies as-of`: what was in force at a time.

use std::io::Write as _;
use std::process::ExitCode;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use trailwright_enrich::policies::{
    Listing, OrganizationListing, PolicyInForce, Presence, PrincipalListing, ResourceListing,
};

use super::unknown;
use crate::Host;
use crate::args::{Common, PoliciesAsOf};
use crate::config::Config;
use crate::failure::Failure;
use crate::origin::{self, line, policy_json, pretty, second};
use crate::{policies, since};

pub(crate) async fn run(
    args: &PoliciesAsOf,
    config: &Config,
    common: &Common,
    host: &Host,
) -> Result<ExitCode, Failure> {
    let time = since::parse(&args.time, (host.now)()).map_err(Failure::usage)?;
    let lake = super::super::open_if_there(&args.lake, config).await?;
    let directory = args.policies.as_deref();
    let labeller = policies::asked(lake.as_ref(), config, directory, common).await?;
    let state = labeller.timeline().as_of(time);
    let json = args.output.is_json(host.stdout_is_terminal);
    let answer = match &args.principal {
        Some(arn) => {
            let found = state.principal_listing(arn);
            let listing = found.ok_or_else(|| unknown(arn, labeller.timeline()))?;
            match json {
                true => format!("{}\n", with_time(principal_json(&listing), time)),
                false => principal_text(&listing, time),
            }
        }
        None => {
            let listing = state.listing();
            match json {
                true => format!("{}\n", with_time(listing_json(&listing), time)),
                false => listing_text(&listing, time),
            }
        }
    };
    write!(
        std::io::stdout(),
        "{}",
        trailwright_query::harmless(&answer)
    )?;
    Ok(ExitCode::SUCCESS)
}

fn with_time(mut answer: Value, time: DateTime<Utc>) -> Value {
    answer["as_of"] = json!(second(time));
    answer
}

/// One user, group or role with its documents.
fn principal_text(listing: &PrincipalListing, time: DateTime<Utc>) -> String {
    let mut text = head(listing, time);
    for policy in &listing.policies {
        text += &format!("\n{}\n", line(policy, time));
        if let Ok(document) = &policy.document {
            for line in pretty(document).lines() {
                text += &format!("  {line}\n");
            }
        }
    }
    text
}

/// What it is, its groups and tags, and what is not known of it.
fn head(listing: &PrincipalListing, time: DateTime<Utc>) -> String {
    let presence = match &listing.presence {
        Presence::There(origin) => origin::since(origin, time),
        Presence::InPart => "only changes of it are known".to_owned(),
        Presence::Gone(origin) => format!("was not there: {origin}"),
    };
    let mut text = format!("{}, {presence}\n", listing.arn);
    for group in &listing.groups {
        text += &format!(
            "  in group {}, {}\n",
            group.group,
            origin::since(&group.since, time)
        );
    }
    for tag in &listing.tags {
        let since = origin::since(&tag.since, time);
        text += &format!("  tag {} = {}, {since}\n", tag.key, tag.value);
    }
    for gap in &listing.gaps {
        text += &format!("  not known: {gap}\n");
    }
    text
}

fn listing_text(listing: &Listing, time: DateTime<Utc>) -> String {
    let accounts = listing.organization.as_ref().map(|organization| {
        let levels = organization.levels.len();
        format!(", {levels} levels of an organization")
    });
    let mut text = format!(
        "As of {}: {} users, {} groups, {} roles, {} resources with policies{}\n",
        second(time),
        listing.count("user"),
        listing.count("group"),
        listing.count("role"),
        listing.resources.len(),
        accounts.unwrap_or_default(),
    );
    for principal in &listing.principals {
        text += &format!("\n{}", head(principal, time));
        text += &lines(&principal.policies, "  ", time);
    }
    if let Some(organization) = &listing.organization {
        text += &organization_text(organization, time);
    }
    if !listing.resources.is_empty() {
        text += "\nResources\n";
    }
    for resource in &listing.resources {
        text += &resource_text(resource, time);
    }
    text
}

fn lines(policies: &[PolicyInForce], indent: &str, time: DateTime<Utc>) -> String {
    let lines = policies.iter();
    lines
        .map(|policy| format!("{indent}{}\n", line(policy, time)))
        .collect()
}

fn organization_text(organization: &OrganizationListing, time: DateTime<Utc>) -> String {
    let id = organization
        .id
        .as_deref()
        .unwrap_or("with an id that is not known");
    let mut text = format!("\nOrganization {id}");
    if let Some(account) = &organization.management_account {
        text += &format!(", management account {account}");
    }
    text.push('\n');
    for level in &organization.levels {
        let indent = "  ".repeat(level.depth + 1);
        text += &format!(
            "{indent}{}, {}\n",
            level.id,
            origin::since(&level.since, time)
        );
        text += &lines(&level.policies, &format!("{indent}  "), time);
    }
    text
}

fn resource_text(resource: &ResourceListing, time: DateTime<Utc>) -> String {
    match &resource.policy {
        None => format!("  {} has no policy\n", resource.arn),
        Some(policy) => {
            let part = if resource.in_part {
                "; it may have other statements"
            } else {
                ""
            };
            format!("  {}{part}\n", line(policy, time))
        }
    }
}

fn principal_json(listing: &PrincipalListing) -> Value {
    let (presence, told) = match &listing.presence {
        Presence::There(origin) => ("there", Some(origin)),
        Presence::InPart => ("in_part", None),
        Presence::Gone(origin) => ("gone", Some(origin)),
    };
    json!({
        "arn": listing.arn,
        "kind": listing.kind,
        "presence": presence,
        "since": told.map(|origin| origin::json(origin)),
        "groups": listing.groups.iter().map(|group| {
            json!({"group": group.group, "since": origin::json(&group.since)})
        }).collect::<Vec<_>>(),
        "tags": listing.tags.iter().map(|tag| {
            json!({"key": tag.key, "value": tag.value, "since": origin::json(&tag.since)})
        }).collect::<Vec<_>>(),
        "policies": listing.policies.iter().map(policy_json).collect::<Vec<_>>(),
        "not_known": listing.gaps,
    })
}

fn listing_json(listing: &Listing) -> Value {
    let organization = listing.organization.as_ref().map(|organization| {
        let levels = organization.levels.iter().map(|level| {
            json!({
                "id": level.id,
                "below": level.below,
                "since": origin::json(&level.since),
                "policies": level.policies.iter().map(policy_json).collect::<Vec<_>>(),
            })
        });
        json!({
            "id": organization.id,
            "management_account": organization.management_account,
            "levels": levels.collect::<Vec<_>>(),
        })
    });
    let resources = listing.resources.iter().map(|resource| {
        json!({
            "arn": resource.arn,
            "account": resource.account,
            "policy": resource.policy.as_ref().map(policy_json),
            "in_part": resource.in_part,
        })
    });
    json!({
        "principals": listing.principals.iter().map(principal_json).collect::<Vec<_>>(),
        "organization": organization,
        "resources": resources.collect::<Vec<_>>(),
    })
}
