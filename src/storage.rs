//! Object stores from configuration: the root of the file system or a bucket.

use std::sync::Arc;
use std::time::Duration;

use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::{ObjectStore, RetryConfig};
use trailwright_store::Location;

use crate::config::S3;
use crate::failure::Failure;

/// The root store of a lake.
pub(crate) fn of_lake(location: &Location, s3: &S3) -> Result<Arc<dyn ObjectStore>, Failure> {
    match location.bucket() {
        Some(bucket) => of_bucket(bucket, s3)
            .map_err(|error| Failure::usage(format!("cannot use s3://{bucket}: {error}"))),
        None => Ok(Arc::new(LocalFileSystem::new())),
    }
}

/// The root store of a lake for one question to it: it fails early and says why,
/// where a store for work would try again for minutes.
pub(crate) fn for_a_question(
    location: &Location,
    s3: &S3,
) -> object_store::Result<Arc<dyn ObjectStore>> {
    let Some(bucket) = location.bucket() else {
        return Ok(Arc::new(LocalFileSystem::new()));
    };
    let once = RetryConfig {
        max_retries: 1,
        retry_timeout: Duration::from_secs(10),
        ..RetryConfig::default()
    };
    Ok(Arc::new(builder(bucket, s3).with_retry(once).build()?))
}

/// A bucket. Credentials, Region and endpoint come from the AWS environment
/// variables; `[s3]` in the configuration overrides Region and endpoint.
pub(crate) fn of_bucket(bucket: &str, s3: &S3) -> object_store::Result<Arc<dyn ObjectStore>> {
    Ok(Arc::new(builder(bucket, s3).build()?))
}

fn builder(bucket: &str, s3: &S3) -> AmazonS3Builder {
    let mut builder = AmazonS3Builder::from_env().with_bucket_name(bucket);
    if let Some(region) = &s3.region {
        builder = builder.with_region(region);
    }
    if let Some(endpoint) = &s3.endpoint {
        builder = builder
            .with_endpoint(endpoint)
            .with_allow_http(endpoint.starts_with("http://"));
    }
    if let Some(virtual_hosted) = s3.virtual_hosted_style {
        builder = builder.with_virtual_hosted_style_request(virtual_hosted);
    }
    builder
}
