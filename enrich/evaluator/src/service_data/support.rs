//! Whether an action works on a resource at all.

use std::fmt;

use super::{Action, ArnTemplate, ResourceType, Service, ServiceData};
use crate::Request;
use crate::pattern::ANY;

/// Stands for what a wildcard covers; no ARN and no template has it.
const COVERED: &str = "\u{1}";

/// The action does not work on this type of resource: whatever policies say, such a request is an
/// implicit deny.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsupportedResource {
    /// The action in AWS's spelling.
    pub action: String,
    /// The resource of the request.
    pub resource: String,
    /// The types that the action works on.
    pub supported: Vec<&'static str>,
}

impl fmt::Display for UnsupportedResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (action, resource) = (&self.action, &self.resource);
        let types = self.supported.join(", ");
        write!(
            f,
            "resource type not supported by action: {action} works on {types}, not on {resource}"
        )
    }
}

impl ServiceData {
    /// Checks that a request's action works on the type of its resource. `None`: it does, or that
    /// cannot be told: the resource is `*`, or the action takes no resource or is not known. A `*`
    /// or `?` inside the resource stands for any text.
    /// <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>
    #[must_use]
    pub fn unsupported_resource(&self, request: &Request<'_>) -> Option<UnsupportedResource> {
        let action = self.action(request.action())?;
        let resource = request.resource();
        let supported: Vec<_> = action.resource_types().map(|(kind, _)| kind.name).collect();
        if resource == "*" || supported.is_empty() || action.may_be_on(resource) {
            return None;
        }
        Some(UnsupportedResource {
            action: action.to_string(),
            resource: resource.to_owned(),
            supported,
        })
    }
}

impl Action<'_> {
    /// Whether one of its types can be that of the resource, in which `*` and `?` are wildcards.
    pub(super) fn may_be_on(&self, resource: &str) -> bool {
        let mut types = self.resource_types();
        types.any(|(kind, _)| self.service().may_have_type(kind, resource))
    }
}

/// The test whether an ARN is of one type of a service, with the types it could be mistaken for
/// found out before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeTest {
    template: ArnTemplate,
    /// Those with a longer template that some ARN fits too.
    narrower: Box<[ArnTemplate]>,
}

impl TypeTest {
    /// Whether the ARN is of the type and of no narrower one of the service.
    #[must_use]
    pub fn holds(&self, arn: &str) -> bool {
        self.template.matches(arn) && !self.narrower.iter().any(|other| other.matches(arn))
    }
}

impl Service {
    /// The test that [`Service::has_type`] makes, for use on many ARNs.
    #[must_use]
    pub fn type_test(&self, kind: &ResourceType) -> TypeTest {
        let template = &kind.template;
        let rivals = self.types().iter().map(|other| &other.template);
        let narrower = rivals
            .filter(|other| other.literal_len() > template.literal_len())
            .filter(|other| template.meets(other));
        TypeTest {
            narrower: narrower.cloned().collect(),
            template: template.clone(),
        }
    }

    /// Whether the ARN is of this type and of no narrower one of the service.
    #[must_use]
    pub fn has_type(&self, kind: &ResourceType, arn: &str) -> bool {
        kind.template.matches(arn) && !self.narrower(kind, arn).any(|_| true)
    }

    /// Whether an action on this type may be on the resource, in which `*` and `?` are wildcards.
    /// What a narrower type adds after a colon only qualifies the resource: an action on
    /// `function:f` works on `function:f:alias` too.
    pub(super) fn may_have_type(&self, kind: &ResourceType, resource: &str) -> bool {
        if self.is_partial {
            return true;
        }
        let is_wild = resource.contains(['*', '?']);
        let fits = match is_wild {
            true => kind.template.overlaps(&wild(resource)),
            false => kind.template.matches(resource),
        };
        let covered = resource.replace(['*', '?'], COVERED);
        let qualifies = |other: &ResourceType| other.template.qualifies(&kind.template);
        fits && self.narrower(kind, &covered).all(qualifies)
    }

    /// The types with a longer template that the ARN also fits.
    fn narrower<'s>(
        &'s self,
        kind: &ResourceType,
        arn: &'s str,
    ) -> impl Iterator<Item = &'s ResourceType> + use<'s> {
        let length = kind.template.literal_len();
        let longer = move |other: &&ResourceType| other.template.literal_len() > length;
        let types = self.types().iter().filter(longer);
        types.filter(|other| other.template.matches(arn))
    }
}

/// Pattern bytes; `?` is taken for `*`: rather one ARN too many.
fn wild(resource: &str) -> Vec<u8> {
    let byte = |byte| {
        if matches!(byte, b'*' | b'?') {
            ANY
        } else {
            byte
        }
    };
    resource.bytes().map(byte).collect()
}
