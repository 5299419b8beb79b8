//! `geo_distance_km(latitude, longitude, latitude, longitude)`.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray as _, Float64Array};
use arrow::datatypes::{DataType, Float64Type};
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarUDF, Volatility, create_udf};

/// Mean radius of the Earth.
const RADIUS_KM: f64 = 6371.0088;

/// Kilometres between two points on a sphere, as the crow flies. Degrees, north
/// and east positive. Null when one of them is.
pub(super) fn function() -> ScalarUDF {
    let takes = vec![DataType::Float64; 4];
    let run = Arc::new(distances);
    create_udf(
        "geo_distance_km",
        takes,
        DataType::Float64,
        Volatility::Immutable,
        run,
    )
}

fn distances(args: &[ColumnarValue]) -> Result<ColumnarValue> {
    let arrays = ColumnarValue::values_to_arrays(args)?;
    let degrees: Vec<&Float64Array> = arrays
        .iter()
        .map(|array| array.as_primitive::<Float64Type>())
        .collect();
    let [from_north, from_east, to_north, to_east] = degrees[..] else {
        return datafusion::common::plan_err!("geo_distance_km takes four numbers");
    };
    let points = from_north
        .iter()
        .zip(from_east)
        .zip(to_north.iter().zip(to_east));
    let distances: Float64Array = points
        .map(|(from, to)| {
            let point = |(north, east): (Option<f64>, Option<f64>)| Some((north?, east?));
            Some(distance(point(from)?, point(to)?))
        })
        .collect();
    Ok(ColumnarValue::Array(Arc::new(distances) as ArrayRef))
}

/// By the haversine formula, which is exact enough for points near each other too.
fn distance(from: (f64, f64), to: (f64, f64)) -> f64 {
    let half_square = |from: f64, to: f64| ((to - from).to_radians() / 2.0).sin().powi(2);
    let along = from.0.to_radians().cos() * to.0.to_radians().cos();
    let haversine = half_square(from.0, to.0) + along * half_square(from.1, to.1);
    2.0 * RADIUS_KM * haversine.sqrt().min(1.0).asin()
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn distances_are_those_of_the_globe() {
        let quarter = 10_007.557;
        let cases = [
            ((52.52, 13.405), (52.52, 13.405), 0.0),
            ((0.0, 0.0), (0.0, 90.0), quarter),
            ((0.0, 0.0), (90.0, 0.0), quarter),
            ((90.0, 0.0), (-90.0, 17.0), 2.0 * quarter),
            ((0.0, 179.0), (0.0, -179.0), quarter / 45.0),
            ((0.0, 0.0), (0.0, 180.0), 2.0 * quarter),
        ];
        for (from, to, expected) in cases {
            for found in [distance(from, to), distance(to, from)] {
                assert!((found - expected).abs() < 0.01, "{from:?} {to:?}: {found}");
            }
        }
    }
}
