//! A `trailwright.toml` that fits the organization.

use super::organization::{FRANKFURT, IRELAND, MANAGEMENT, PRODUCTION, SANDBOX, SECURITY};

/// Aliases, three trails, and the place of the policies.
pub(super) fn text() -> String {
    format!(
        r#"# The demo's organization. Every key: docs/reference/configuration.md

[aliases]
example-management = "{MANAGEMENT}"
example-security = "{SECURITY}"
example-production = "{PRODUCTION}"
example-sandbox = "{SANDBOX}"

[policies]
directory = "policies"

# Every account, every Region, management events.
[[trails]]
name = "organization"
home_region = "{FRANKFURT}"
account = "{MANAGEMENT}"
multi_region = true
organization = true

# One account, one Region, no global service events.
[[trails]]
name = "sandbox-ireland"
home_region = "{IRELAND}"
account = "{SANDBOX}"
include_global_service_events = false

# Every account, one Region: who touches objects, tables and functions.
[[trails]]
name = "frankfurt-data"
home_region = "{FRANKFURT}"
account = "{MANAGEMENT}"
organization = true
[[trails.advanced_event_selectors]]
Name = "objects"
FieldSelectors = [
  {{ Field = "eventCategory", Equals = ["Data"] }},
  {{ Field = "resources.type", Equals = ["AWS::S3::Object"] }},
]
[[trails.advanced_event_selectors]]
Name = "tables"
FieldSelectors = [
  {{ Field = "eventCategory", Equals = ["Data"] }},
  {{ Field = "resources.type", Equals = ["AWS::DynamoDB::Table"] }},
]
[[trails.advanced_event_selectors]]
Name = "functions"
FieldSelectors = [
  {{ Field = "eventCategory", Equals = ["Data"] }},
  {{ Field = "resources.type", Equals = ["AWS::Lambda::Function"] }},
]
"#
    )
}
