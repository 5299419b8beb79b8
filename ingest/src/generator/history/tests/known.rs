//! An interpreter of changes that knows only JSON: neither rules nor the
//! evaluator.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::{Value, json};

/// Policies as JSON, by what they belong to.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Known {
    /// By account, kind (`user`) and name.
    pub(super) entities: BTreeMap<(String, &'static str, String), Entity>,
    /// By ARN: the documents by version, and the default one.
    managed: BTreeMap<String, (BTreeMap<String, Value>, String)>,
    /// The content of each control policy by id.
    controls: BTreeMap<String, Value>,
    attached: BTreeMap<String, BTreeSet<String>>,
    parents: BTreeMap<String, String>,
    resources: BTreeMap<String, Value>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Entity {
    inline: BTreeMap<String, Value>,
    attached: BTreeSet<String>,
    groups: BTreeSet<String>,
    boundary: Value,
    tags: BTreeMap<String, String>,
    trust: Value,
}

pub(super) fn text(value: &Value, name: &str) -> String {
    let found = value[name].as_str();
    found
        .unwrap_or_else(|| panic!("no {name} in {value}"))
        .to_owned()
}

fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value[name].as_array().into_iter().flatten()
}

/// A document that stands in a string.
fn document(value: &Value, name: &str) -> Value {
    serde_json::from_str(&text(value, name)).unwrap()
}

impl Known {
    pub(super) fn read(files: &[(PathBuf, String)]) -> Self {
        let mut known = Self::default();
        for (_, content) in files {
            let file: Value = serde_json::from_str(content).unwrap();
            for (kind, called) in [("user", "User"), ("group", "Group"), ("role", "Role")] {
                for details in list(&file, &format!("{called}DetailList")) {
                    known.read_entity(kind, called, details);
                }
            }
            for policy in list(&file, "Policies") {
                let versions = list(policy, "PolicyVersionList");
                let versions = versions.map(|v| (text(v, "VersionId"), v["Document"].clone()));
                let default = text(policy, "DefaultVersionId");
                known
                    .managed
                    .insert(text(policy, "Arn"), (versions.collect(), default));
            }
            if file["Root"].is_object() {
                known.read_node(&file["Root"]);
            }
            for entry in file.as_array().into_iter().flatten() {
                known
                    .resources
                    .insert(text(entry, "Resource"), entry["Policy"].clone());
            }
        }
        known
    }

    fn read_entity(&mut self, kind: &'static str, called: &str, details: &Value) {
        let account = text(details, "Arn").split(':').nth(4).unwrap().to_owned();
        let policies = format!("{called}PolicyList");
        let inline = list(details, &policies)
            .map(|policy| (text(policy, "PolicyName"), policy["PolicyDocument"].clone()));
        let entity = Entity {
            inline: inline.collect(),
            attached: list(details, "AttachedManagedPolicies")
                .map(|p| text(p, "PolicyArn"))
                .collect(),
            groups: list(details, "GroupList")
                .map(|g| g.as_str().unwrap().to_owned())
                .collect(),
            boundary: details["PermissionsBoundary"]["PermissionsBoundaryArn"].clone(),
            tags: list(details, "Tags")
                .map(|t| (text(t, "Key"), text(t, "Value")))
                .collect(),
            trust: details["AssumeRolePolicyDocument"].clone(),
        };
        let name = text(details, &format!("{called}Name"));
        self.entities.insert((account, kind, name), entity);
    }

    fn read_node(&mut self, node: &Value) {
        let id = text(node, "Id");
        for policy in list(node, "Policies") {
            self.controls
                .insert(text(policy, "Id"), policy["Content"].clone());
            self.attached
                .entry(id.clone())
                .or_default()
                .insert(text(policy, "Id"));
        }
        for child in list(node, "Children") {
            self.parents.insert(text(child, "Id"), id.clone());
            self.read_node(child);
        }
    }

    pub(super) fn apply(&mut self, record: &Value) {
        if record["errorCode"].is_string() {
            return;
        }
        let source = text(record, "eventSource");
        let parameters = &record["requestParameters"];
        match source.split('.').next().unwrap() {
            "iam" => self.apply_iam(record, parameters),
            "organizations" => self.apply_organizations(record, parameters),
            _ => self.apply_resource(record, parameters),
        }
    }

    fn apply_iam(&mut self, record: &Value, parameters: &Value) {
        let name = text(record, "eventName");
        let account = text(record, "recipientAccountId");
        let kind = match () {
            () if parameters["userName"].is_string() => "user",
            () if parameters["groupName"].is_string() => "group",
            () if parameters["roleName"].is_string() => "role",
            () => return self.apply_managed(record, parameters),
        };
        let key = (account, kind, text(parameters, &format!("{kind}Name")));
        if name.starts_with("Get") || name.starts_with("List") {
            return;
        }
        if matches!(name.as_str(), "DeleteUser" | "DeleteGroup" | "DeleteRole") {
            let gone = self.entities.remove(&key).unwrap();
            assert!(gone.inline.is_empty() && gone.attached.is_empty() && gone.groups.is_empty());
            return;
        }
        let entity = self.entities.entry(key).or_default();
        match name.as_str() {
            "CreateUser" | "CreateGroup" | "CreateRole" => {
                entity.boundary = parameters["permissionsBoundary"].clone();
                for tag in list(parameters, "tags") {
                    entity.tags.insert(text(tag, "key"), text(tag, "value"));
                }
                if kind == "role" {
                    entity.trust = document(parameters, "assumeRolePolicyDocument");
                }
            }
            "AddUserToGroup" => assert!(entity.groups.insert(text(parameters, "groupName"))),
            "RemoveUserFromGroup" => assert!(entity.groups.remove(&text(parameters, "groupName"))),
            "UpdateAssumeRolePolicy" => entity.trust = document(parameters, "policyDocument"),
            "TagUser" | "TagRole" => {
                for tag in list(parameters, "tags") {
                    entity.tags.insert(text(tag, "key"), text(tag, "value"));
                }
            }
            "UntagUser" | "UntagRole" => {
                for key in list(parameters, "tagKeys") {
                    entity.tags.remove(key.as_str().unwrap());
                }
            }
            _ if name.ends_with("PermissionsBoundary") => {
                entity.boundary = parameters["permissionsBoundary"].clone();
            }
            _ if name.starts_with("Attach") => {
                assert!(entity.attached.insert(text(parameters, "policyArn")));
            }
            _ if name.starts_with("Detach") => {
                assert!(entity.attached.remove(&text(parameters, "policyArn")));
            }
            _ if name.starts_with("Put") => {
                let policy = document(parameters, "policyDocument");
                entity.inline.insert(text(parameters, "policyName"), policy);
            }
            _ => assert!(
                entity
                    .inline
                    .remove(&text(parameters, "policyName"))
                    .is_some()
            ),
        }
    }

    fn apply_managed(&mut self, record: &Value, parameters: &Value) {
        let response = &record["responseElements"];
        let name = text(record, "eventName");
        if name == "CreatePolicy" {
            let versions = [("v1".to_owned(), document(parameters, "policyDocument"))];
            let arn = text(&response["policy"], "arn");
            self.managed.insert(arn, (versions.into(), "v1".to_owned()));
            return;
        }
        let arn = text(parameters, "policyArn");
        let (versions, default) = self.managed.get_mut(&arn).unwrap();
        match name.as_str() {
            "CreatePolicyVersion" => {
                let version = &response["policyVersion"];
                let number = text(version, "versionId");
                let as_default = parameters["setAsDefault"] == true;
                assert_eq!(version["isDefaultVersion"], as_default);
                let new = versions.insert(number.clone(), document(parameters, "policyDocument"));
                assert!(new.is_none() && versions.len() <= 5);
                if as_default {
                    *default = number;
                }
            }
            "SetDefaultPolicyVersion" => *default = text(parameters, "versionId"),
            "DeletePolicyVersion" => {
                let number = text(parameters, "versionId");
                assert_ne!(number, *default);
                versions.remove(&number).unwrap();
            }
            "DeletePolicy" => {
                assert_eq!(versions.len(), 1);
                self.managed.remove(&arn);
            }
            other => panic!("{other}"),
        }
    }

    fn apply_organizations(&mut self, record: &Value, parameters: &Value) {
        assert_eq!(record["awsRegion"], "us-east-1");
        match text(record, "eventName").as_str() {
            "AttachPolicy" => {
                let target = self
                    .attached
                    .entry(text(parameters, "targetId"))
                    .or_default();
                assert!(target.insert(text(parameters, "policyId")));
            }
            "DetachPolicy" => {
                let target = self
                    .attached
                    .entry(text(parameters, "targetId"))
                    .or_default();
                assert!(target.remove(&text(parameters, "policyId")) && !target.is_empty());
            }
            "UpdatePolicy" => {
                let content = document(parameters, "content");
                self.controls.insert(text(parameters, "policyId"), content);
            }
            "CreatePolicy" => {
                let id = text(&record["responseElements"]["policy"]["policySummary"], "id");
                self.controls.insert(id, document(parameters, "content"));
            }
            "MoveAccount" => {
                let parent = self
                    .parents
                    .get_mut(&text(parameters, "accountId"))
                    .unwrap();
                assert_eq!(*parent, text(parameters, "sourceParentId"));
                *parent = text(parameters, "destinationParentId");
            }
            other => panic!("{other}"),
        }
    }

    fn apply_resource(&mut self, record: &Value, parameters: &Value) {
        let account = text(record, "recipientAccountId");
        let region = text(record, "awsRegion");
        let function = || {
            let name = text(parameters, "functionName");
            match name.starts_with("arn:") {
                true => name,
                false => format!("arn:aws:lambda:{region}:{account}:function:{name}"),
            }
        };
        let (arn, policy) = match text(record, "eventName").as_str() {
            "PutBucketPolicy" => {
                let bucket = text(parameters, "bucketName");
                (
                    format!("arn:aws:s3:::{bucket}"),
                    Some(parameters["bucketPolicy"].clone()),
                )
            }
            "DeleteBucketPolicy" => (
                format!("arn:aws:s3:::{}", text(parameters, "bucketName")),
                None,
            ),
            "PutKeyPolicy" => {
                let arn = text(&record["resources"][0], "ARN");
                (arn, Some(document(parameters, "policy")))
            }
            "CreateKey" => {
                let arn = text(&record["responseElements"]["keyMetadata"], "arn");
                (arn, Some(document(parameters, "policy")))
            }
            "SetQueueAttributes" => {
                let Some(policy) = parameters["attributes"]["Policy"].as_str() else {
                    return;
                };
                let url = text(parameters, "queueUrl");
                let parts: Vec<&str> = url.rsplit('/').take(2).collect();
                let arn = format!("arn:aws:sqs:{region}:{}:{}", parts[1], parts[0]);
                (arn, serde_json::from_str(policy).ok())
            }
            "SetTopicAttributes" if parameters["attributeName"] != "Policy" => return,
            "SetTopicAttributes" => (
                text(parameters, "topicArn"),
                Some(document(parameters, "attributeValue")),
            ),
            "PutResourcePolicy" => (
                text(&record["responseElements"], "aRN"),
                Some(document(parameters, "resourcePolicy")),
            ),
            "DeleteResourcePolicy" => (text(&record["responseElements"], "aRN"), None),
            "AddPermission20150331v2" => {
                let mut policy = self
                    .resources
                    .get(&function())
                    .cloned()
                    .unwrap_or_else(|| json!({ "Version": "2012-10-17", "Statement": [] }));
                let statement = document(&record["responseElements"], "statement");
                policy["Statement"].as_array_mut().unwrap().push(statement);
                (function(), Some(policy))
            }
            "RemovePermission20150331v2" => {
                let mut policy = self.resources[&function()].clone();
                let statements = policy["Statement"].as_array_mut().unwrap();
                let before = statements.len();
                statements.retain(|one| one["Sid"] != parameters["statementId"]);
                assert_eq!(statements.len() + 1, before);
                let left = !statements.is_empty();
                (function(), left.then_some(policy))
            }
            _ => return,
        };
        match policy {
            Some(policy) => self.resources.insert(arn, policy),
            None => self.resources.remove(&arn),
        };
    }

    /// What is not the same in both, in words.
    pub(super) fn differences(&self, other: &Self) -> Vec<String> {
        fn of<K: Ord + std::fmt::Debug, V: PartialEq + std::fmt::Debug>(
            one: &BTreeMap<K, V>,
            other: &BTreeMap<K, V>,
        ) -> Vec<String> {
            let keys: BTreeSet<&K> = one.keys().chain(other.keys()).collect();
            let differ = keys
                .into_iter()
                .filter(|key| one.get(key) != other.get(key));
            let text = |key: &K| format!("{key:?}: {:?} is not {:?}", one.get(key), other.get(key));
            differ.map(text).collect()
        }
        let mut differences = of(&self.entities, &other.entities);
        differences.extend(of(&self.managed, &other.managed));
        differences.extend(of(&self.controls, &other.controls));
        differences.extend(of(&self.attached, &other.attached));
        differences.extend(of(&self.parents, &other.parents));
        differences.extend(of(&self.resources, &other.resources));
        differences
    }

    /// Without control policies that are attached nowhere: an export does not
    /// show them.
    pub(super) fn exported(mut self) -> Self {
        self.attached.retain(|_, ids| !ids.is_empty());
        let used: BTreeSet<String> = self.attached.values().flatten().cloned().collect();
        self.controls.retain(|id, _| used.contains(id));
        self
    }
}
