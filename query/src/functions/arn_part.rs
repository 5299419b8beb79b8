//! `arn_part(arn, part)`.

use arrow::array::StringArray;
use arrow::datatypes::DataType;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::ScalarUDF;

use super::texts;

/// A part of an ARN; null when the text is no ARN or the part is empty.
///
/// `partition`, `service`, `region`, `account` and `resource` are the fields
/// between the colons, the last with everything after the fifth. Within the
/// resource, `resource_type` ends at the first `/` or `:` (null when there is
/// none), `resource_id` is what follows, and `name` what follows the last `/`
/// or `:`.
pub(super) fn function() -> ScalarUDF {
    texts::of_two::<String, StringArray>("arn_part", DataType::Utf8, part)
}

fn part(arn: &str, part: &str) -> Result<Option<String>> {
    let fields: Vec<&str> = arn.splitn(6, ':').collect();
    let [prefix, partition, service, region, account, resource] = fields[..] else {
        return known(part).map(|()| None);
    };
    if prefix != "arn" {
        return known(part).map(|()| None);
    }
    let separated = resource.split_once(['/', ':']);
    let found = match part {
        "partition" => partition,
        "service" => service,
        "region" => region,
        "account" => account,
        "resource" => resource,
        "resource_type" => separated.map_or("", |(kind, _)| kind),
        "resource_id" => separated.map_or(resource, |(_, id)| id),
        "name" => resource.rsplit(['/', ':']).next().unwrap_or_default(),
        _ => return known(part).map(|()| None),
    };
    Ok((!found.is_empty()).then(|| found.to_owned()))
}

fn known(part: &str) -> Result<()> {
    const PARTS: [&str; 8] = [
        "partition",
        "service",
        "region",
        "account",
        "resource",
        "resource_type",
        "resource_id",
        "name",
    ];
    if PARTS.contains(&part) {
        return Ok(());
    }
    Err(DataFusionError::Execution(format!(
        "arn_part: an ARN has no part {part:?}; its parts are {}",
        PARTS.join(", ")
    )))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::part;

    #[test]
    fn every_part_is_found_where_the_arn_has_it() {
        let session = "arn:aws:sts::111122223333:assumed-role/admin/ines";
        let function = "arn:aws-cn:lambda:cn-north-1:111122223333:function:resize";
        let object = "arn:aws:s3:::bucket/a/b.txt";
        let cases = [
            (session, "partition", Some("aws")),
            (session, "service", Some("sts")),
            (session, "region", None),
            (session, "account", Some("111122223333")),
            (session, "resource", Some("assumed-role/admin/ines")),
            (session, "resource_type", Some("assumed-role")),
            (session, "resource_id", Some("admin/ines")),
            (session, "name", Some("ines")),
            (function, "partition", Some("aws-cn")),
            (function, "region", Some("cn-north-1")),
            (function, "resource_type", Some("function")),
            (function, "name", Some("resize")),
            (object, "account", None),
            (object, "resource", Some("bucket/a/b.txt")),
            ("arn:aws:s3:::bucket", "resource_type", None),
            ("arn:aws:s3:::bucket", "resource_id", Some("bucket")),
            ("*", "account", None),
            ("not:an:arn:at:all:really", "account", None),
            ("", "name", None),
        ];
        for (arn, name, expected) in cases {
            assert_eq!(
                part(arn, name).unwrap().as_deref(),
                expected,
                "{arn} {name}"
            );
        }
    }

    #[test]
    fn an_unknown_part_is_an_error_whatever_the_text() {
        for arn in ["arn:aws:s3:::bucket", "no arn"] {
            let error = part(arn, "acount").unwrap_err().to_string();
            assert!(error.contains("account"), "{error}");
        }
    }
}
