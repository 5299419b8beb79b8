//! SQL functions for what audit records hold: JSON, addresses, ARNs, and for
//! the places of addresses; and different texts of very many groups.
//! One file each; docs/reference/functions.md shows them.

mod arn_part;
mod cidr_contains;
mod different;
mod geo_distance_km;
mod geo_lookup;
mod json_extract;
mod json_get;
mod json_path;
mod texts;

pub(crate) use cidr_contains::network;
use datafusion::functions::datetime::to_timestamp;
use datafusion::prelude::SessionContext;
pub(crate) use geo_lookup::function as geo_lookup;

/// Registers every function in `context`, apart from `geo_lookup`, which needs
/// databases of its own. `from_iso8601_timestamp` is the name
/// that Athena's samples use for what is already there.
pub(crate) fn register(context: &SessionContext) {
    let config = context.copied_config();
    let to_timestamp = to_timestamp(config.options()).as_ref().clone();
    let functions = [
        json_get::text(),
        json_get::array(),
        json_extract::scalar(),
        json_extract::json(),
        json_extract::array_length(),
        cidr_contains::function(),
        arn_part::function(),
        geo_distance_km::function(),
        to_timestamp.with_aliases(["from_iso8601_timestamp"]),
    ];
    for function in functions {
        context.register_udf(function);
    }
    for function in different::functions() {
        context.register_udaf(function);
    }
}
