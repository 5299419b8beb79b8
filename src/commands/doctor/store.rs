//! The store of the lake: an object is written, read, refused a second time,
//! listed and deleted, as commits do it.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use object_store::path::Path;
use object_store::{Error, ObjectStore, ObjectStoreExt as _, PutMode, PutPayload};

use super::check::Check;
use super::{Patient, room};
use crate::storage;

const NAME: &str = "store";
const WITHIN: Duration = Duration::from_secs(30);
const CONTENT: &[u8] = b"written by trailwright doctor, which deletes it again\n";

/// What went wrong, at which step.
struct Problem {
    step: &'static str,
    error: Error,
}

/// Says besides how far this machine's clock is ahead of the store's.
pub(super) async fn check(patient: &Patient<'_>) -> (Check, Option<TimeDelta>) {
    let store = match storage::for_a_question(&patient.location, &patient.config.s3) {
        Ok(store) => (patient.host.lake_store)(store),
        Err(error) => {
            let said = format!("cannot use {}: {error}", patient.location);
            return (Check::wrong(NAME, said), None);
        }
    };
    let place = &patient.location;
    let Some(object) = object(patient) else {
        let said = format!("{place} is no place for objects");
        return (Check::wrong(NAME, said), None);
    };
    match tokio::time::timeout(WITHIN, probe(&*store, &object, patient.host.now)).await {
        Ok(Ok((true, ahead))) => {
            let said = format!("{place}: written, read, refused to overwrite, deleted");
            (Check::ok(NAME, said), Some(ahead))
        }
        Ok(Ok((false, ahead))) => {
            let said = format!(
                "{place} overwrites an object that is there when told not to: two commits at the same time would lose one of them"
            );
            let check = Check::unreachable(NAME, said).fix(
                "use a store with conditional writes (If-None-Match: *), as S3 has, or a local disk",
            );
            (check, Some(ahead))
        }
        Ok(Err(problem)) => (failed(patient, &problem), None),
        Err(_) => {
            let said = format!("{place} does not answer within {} s", WITHIN.as_secs());
            let check = Check::unreachable(NAME, said)
                .fix("look at the network between here and the store, and at [s3] endpoint");
            (check, None)
        }
    }
}

/// An object that nobody has: its name has the time to the nanosecond. Beside a
/// local lake that is not there yet, in the directory that it will be made in.
fn object(patient: &Patient<'_>) -> Option<Path> {
    let now = (patient.host.now)();
    let name = format!("{}", now.format("trailwright-doctor-%Y%m%dT%H%M%S%.9f.txt"));
    match patient.location.directory() {
        Some(directory) => Path::from_absolute_path(room::existing(&directory).join(name)).ok(),
        None => {
            let prefix = Path::from_url_path(patient.location.url().path()).ok()?;
            Some(prefix.join(name.as_str()))
        }
    }
}

/// Whether it refuses to overwrite, and how far its clock is behind.
async fn probe(
    store: &dyn ObjectStore,
    object: &Path,
    now: fn() -> DateTime<Utc>,
) -> Result<(bool, TimeDelta), Problem> {
    let failed = |step| move |error| Problem { step, error };
    let create = || {
        store.put_opts(
            object,
            PutPayload::from_static(CONTENT),
            PutMode::Create.into(),
        )
    };
    let before = now();
    create().await.map_err(failed("write an object to"))?;
    let after = now();
    let refuses = matches!(
        create().await,
        Err(Error::AlreadyExists { .. } | Error::Precondition { .. })
    );
    let answer = store.get(object).await;
    let answer = answer.map_err(failed("read an object of"))?;
    let written = answer.meta.last_modified;
    let content = answer.bytes().await;
    let content = content.map_err(failed("read an object of"))?;
    let listed = store.list_with_delimiter(object.parent().as_ref()).await;
    listed.map_err(failed("list the objects of"))?;
    let deleted = store.delete(object).await;
    deleted.map_err(failed("delete an object of"))?;
    if content.as_ref() != CONTENT {
        let source = "it answers with other bytes than were written".into();
        let store = "store";
        return Err(failed("read an object of")(Error::Generic {
            store,
            source,
        }));
    }
    Ok((refuses, ahead(before, after, written)))
}

/// How far a clock that says `before` and `after` is ahead of the one by which
/// something was written in between, which tells whole seconds.
fn ahead(before: DateTime<Utc>, after: DateTime<Utc>, written: DateTime<Utc>) -> TimeDelta {
    let earliest = written;
    let latest = written + TimeDelta::seconds(1);
    if before > latest {
        before - latest
    } else if after < earliest {
        after - earliest
    } else {
        TimeDelta::zero()
    }
}

fn failed(patient: &Patient<'_>, problem: &Problem) -> Check {
    let Problem { step, error } = problem;
    let said = format!("cannot {step} {}: {error}", patient.location);
    let is_local = patient.location.bucket().is_none();
    Check::unreachable(NAME, said).fix(advice(is_local, error))
}

fn advice(is_local: bool, error: &Error) -> &'static str {
    let text = error.to_string();
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if is_local {
        return if says(&["No space left", "quota"]) {
            "make room on that disk"
        } else {
            "let the user of the daemon write there, or name another directory with --lake"
        };
    }
    if says(&["RequestTimeTooSkewed"]) {
        "set the clock of this machine (NTP): the store refuses requests that are 15 minutes off"
    } else if says(&["NoSuchBucket"]) {
        "make the bucket, or mend its name in --lake"
    } else if matches!(error, Error::Unauthenticated { .. })
        || says(&[
            "InvalidAccessKeyId",
            "SignatureDoesNotMatch",
            "169.254.169.254",
        ])
    {
        "give valid credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a role of the instance or container"
    } else if matches!(error, Error::PermissionDenied { .. }) {
        "allow s3:PutObject, s3:GetObject, s3:DeleteObject and s3:ListBucket on the bucket to these credentials"
    } else if says(&["dns error", "lookup address"]) {
        "the name does not resolve: look at [s3] endpoint, AWS_ENDPOINT_URL, the Region and DNS"
    } else if says(&["certificate", "Certificate"]) {
        "the store's certificate is not trusted here: install its authority, or mend [s3] endpoint"
    } else {
        "look at [s3] endpoint and region, and at the network between here and the store"
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};
    use object_store::Error;

    use super::{advice, ahead};

    fn second(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap_or_default()
    }

    #[test]
    fn a_slow_answer_is_no_difference_of_clocks() {
        let of = |before, after, written| ahead(second(before), second(after), second(written));
        assert_eq!(of(100, 130, 115), TimeDelta::zero());
        assert_eq!(of(100, 100, 99), TimeDelta::zero());
        assert_eq!(of(200, 201, 100), TimeDelta::seconds(99));
        assert_eq!(of(100, 101, 200), TimeDelta::seconds(-99));
    }

    fn answered(text: &'static str) -> Error {
        Error::Generic {
            store: "S3",
            source: text.into(),
        }
    }

    #[test]
    fn each_failure_of_a_store_gets_the_advice_that_mends_it() {
        let denied = Error::PermissionDenied {
            path: "lake/x".to_owned(),
            source: "403".into(),
        };
        let unknown_key = Error::PermissionDenied {
            path: "lake/x".to_owned(),
            source: "403: <Code>InvalidAccessKeyId</Code>".into(),
        };
        let in_bucket = [
            (denied, "allow s3:PutObject"),
            (unknown_key, "valid credentials"),
            (
                answered("<Code>RequestTimeTooSkewed</Code>"),
                "set the clock",
            ),
            (answered("<Code>NoSuchBucket</Code>"), "make the bucket"),
            (
                answered("<Code>InvalidAccessKeyId</Code>"),
                "valid credentials",
            ),
            (
                answered("dns error: failed to lookup address information"),
                "does not resolve",
            ),
            (
                answered("invalid peer certificate: UnknownIssuer"),
                "not trusted",
            ),
            (answered("connection reset"), "network"),
        ];
        for (error, words) in in_bucket {
            let advice = advice(false, &error);
            assert!(advice.contains(words), "{error}: {advice}");
        }
        let full = answered("Unable to copy data to file: No space left on device");
        assert!(advice(true, &full).contains("make room"));
        let denied = answered("Unable to create dir: Permission denied");
        assert!(advice(true, &denied).contains("let the user"));
    }
}
