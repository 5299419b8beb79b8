//! `geo_lookup(address, part)`.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use arrow::array::{Array as _, AsArray as _};
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::internal_err;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility,
};
use datafusion::scalar::ScalarValue;

use crate::geo::{GeoDatabases, GeoError, Part};

const NAME: &str = "geo_lookup";

/// Where an address is, and in whose network. Null where CloudTrail names a
/// service instead of an address, and for addresses that no file has, private
/// ones among them. That no file is configured, or none that tells the part, is
/// an error when the question is planned, before anything is read.
pub(crate) fn function(databases: Arc<GeoDatabases>) -> ScalarUDF {
    ScalarUDF::from(GeoLookup {
        databases,
        signature: Signature::any(2, Volatility::Immutable),
    })
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct GeoLookup {
    databases: Arc<GeoDatabases>,
    signature: Signature,
}

impl ScalarUDFImpl for GeoLookup {
    fn name(&self) -> &str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        internal_err!("{NAME}: the type depends on the part")
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let kind = args.arg_fields.first().map(|field| field.data_type());
        if !kind.is_some_and(|kind| kind.is_string() || kind.is_null()) {
            return Err(external(GeoError::Arguments));
        }
        let part = part(args.scalar_arguments.get(1).copied().flatten()).map_err(external)?;
        self.databases.check(part).map_err(external)?;
        Ok(Arc::new(Field::new(NAME, part.data_type(), true)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [addresses, part_of_all] = &args.args[..] else {
            return Err(external(GeoError::Arguments));
        };
        let ColumnarValue::Scalar(name) = part_of_all else {
            return Err(external(GeoError::Arguments));
        };
        let part = part(Some(name)).map_err(external)?;
        let one = matches!(addresses, ColumnarValue::Scalar(_));
        let addresses = addresses
            .cast_to(&DataType::Utf8, None)?
            .to_array(args.number_rows)?;
        let addresses = addresses.as_string::<i32>();
        let null = ScalarValue::try_from(part.data_type())?;
        // An address is there many times, and to decode its record takes microseconds.
        let mut known: HashMap<&str, ScalarValue> = HashMap::new();
        let mut values = Vec::with_capacity(addresses.len());
        for address in addresses {
            let Some(address) = address else {
                values.push(null.clone());
                continue;
            };
            let value = match known.entry(address) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => {
                    let found = self.databases.look_up(address, part).map_err(external)?;
                    new.insert(found.unwrap_or_else(|| null.clone()))
                }
            };
            values.push(value.clone());
        }
        match values.pop() {
            Some(value) if one => Ok(ColumnarValue::Scalar(value)),
            last => {
                let values = values.into_iter().chain(last);
                ScalarValue::iter_to_array(values).map(ColumnarValue::Array)
            }
        }
    }
}

fn part(argument: Option<&ScalarValue>) -> Result<Part, GeoError> {
    let name = argument.and_then(|value| value.try_as_str().flatten());
    let name = name.ok_or(GeoError::Arguments)?;
    Part::named(name).ok_or_else(|| GeoError::NoSuchPart {
        part: name.to_owned(),
        known: Part::ALL.map(Part::name).join(", "),
    })
}

fn external(error: GeoError) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}
