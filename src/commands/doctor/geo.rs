//! The databases of places, if any are configured.

use trailwright_query::GeoFileInfo;

use super::Patient;
use super::check::Check;

const NAME: &str = "geo";

pub(super) fn check(patient: &Patient<'_>) -> Vec<Check> {
    match patient.config.geo.databases().files() {
        Ok(files) => files.iter().map(of_file).collect(),
        Err(error) => vec![Check::wrong(NAME, error.to_string())],
    }
}

fn of_file(file: &GeoFileInfo) -> Check {
    let GeoFileInfo { path, kind, .. } = file;
    let built = file
        .built
        .map(|built| format!(" of {}", built.date_naive()));
    let built = built.unwrap_or_default();
    let said = format!("{}: {kind}{built}", path.display());
    if file.tells.is_empty() {
        return Check::warning(NAME, format!("{said}, tells nothing that geo_lookup knows"))
            .fix("name files that tell places or networks in [geo] databases, such as GeoLite2-City.mmdb");
    }
    Check::ok(NAME, format!("{said}, tells {}", file.tells.join(", ")))
}
