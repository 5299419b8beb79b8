//! One call of an API, as the record describes it.

use serde_json::{Value, json};

use super::organization::{FRANKFURT, VIRGINIA};

/// A call, without its caller and its outcome.
#[derive(Clone, Debug)]
pub(super) struct Call {
    /// The first label of `eventSource`.
    pub(super) service: &'static str,
    /// `eventName`
    pub(super) name: &'static str,
    pub(super) region: &'static str,
    pub(super) read_only: bool,
    pub(super) data: bool,
    pub(super) parameters: Value,
    pub(super) response: Value,
    pub(super) additional: Value,
    pub(super) resources: Vec<Value>,
    /// The endpoint, where it is not the service's regional one.
    pub(super) host: Option<String>,
    /// What the message of a denial gives as the resource.
    pub(super) denied_on: Option<String>,
    /// The IAM action, where it is not named like the event.
    action: Option<&'static str>,
}

impl Call {
    pub(super) fn read(service: &'static str, name: &'static str) -> Self {
        Self::new(service, name, true)
    }

    pub(super) fn write(service: &'static str, name: &'static str) -> Self {
        Self::new(service, name, false)
    }

    fn new(service: &'static str, name: &'static str, read_only: bool) -> Self {
        let global = matches!(service, "iam" | "organizations");
        Self {
            service,
            name,
            region: if global { VIRGINIA } else { FRANKFURT },
            read_only,
            data: false,
            parameters: Value::Null,
            response: Value::Null,
            additional: Value::Null,
            resources: Vec::new(),
            host: (service == "iam").then(|| "iam.amazonaws.com".to_owned()),
            denied_on: None,
            action: None,
        }
    }

    pub(super) fn region(mut self, region: &'static str) -> Self {
        self.region = region;
        self
    }

    pub(super) fn host(mut self, host: impl Into<String>) -> Self {
        self.host = Some(host.into());
        self
    }

    pub(super) fn parameters(mut self, parameters: Value) -> Self {
        self.parameters = parameters;
        self
    }

    pub(super) fn response(mut self, response: Value) -> Self {
        self.response = response;
        self
    }

    pub(super) fn additional(mut self, additional: Value) -> Self {
        self.additional = additional;
        self
    }

    pub(super) fn denied_on(mut self, resource: impl Into<String>) -> Self {
        self.denied_on = Some(resource.into());
        self
    }

    pub(super) fn needs(mut self, action: &'static str) -> Self {
        self.action = Some(action);
        self
    }

    /// A data event.
    pub(super) fn data(mut self) -> Self {
        self.data = true;
        self
    }

    pub(super) fn resource(mut self, kind: &str, arn: impl Into<String>, account: &str) -> Self {
        self.resources.push(json!({
            "type": kind,
            "ARN": arn.into(),
            "accountId": account,
        }));
        self
    }

    /// Resources of which the record gives only the beginning of the ARN.
    pub(super) fn prefix(mut self, kind: &str, prefix: impl Into<String>) -> Self {
        let prefix = prefix.into();
        self.resources
            .push(json!({ "type": kind, "ARNPrefix": prefix }));
        self
    }

    /// The IAM action as messages write it.
    pub(super) fn action(&self) -> String {
        self.action
            .map_or_else(|| format!("{}:{}", self.service, self.name), str::to_owned)
    }

    /// The endpoint called.
    pub(super) fn endpoint(&self) -> String {
        self.host
            .clone()
            .unwrap_or_else(|| format!("{}.{}.amazonaws.com", self.service, self.region))
    }

    /// A data event of S3 on one object of a bucket of `owner`.
    pub(super) fn object(
        read_only: bool,
        name: &'static str,
        bucket: &str,
        key: &str,
        owner: &str,
    ) -> Self {
        let host = format!("{bucket}.s3.{FRANKFURT}.amazonaws.com");
        let object = super::organization::object_arn(bucket, key);
        let mut call = Self::new("s3", name, read_only)
            .data()
            .parameters(json!({ "bucketName": bucket, "key": key, "Host": host }))
            .host(host)
            .denied_on(object.clone());
        call.resources = vec![
            json!({ "type": "AWS::S3::Object", "ARN": object }),
            json!({
                "type": "AWS::S3::Bucket",
                "ARN": format!("arn:aws:s3:::{bucket}"),
                "accountId": owner,
            }),
        ];
        call
    }
}
