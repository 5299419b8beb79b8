//! What can be asked about an address, and where records have it.

use arrow::datatypes::DataType;
use datafusion::scalar::ScalarValue;
use serde_json::Value;

/// What can be asked about an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// ISO 3166-1 code of two letters.
    Country,
    /// The first subdivision of the country, by its English name.
    Region,
    /// By its English name.
    City,
    /// In degrees, north positive.
    Latitude,
    /// In degrees, east positive.
    Longitude,
    /// Number of the autonomous system.
    Asn,
    /// Who has the autonomous system.
    AsOrganization,
}

impl Part {
    pub(crate) const ALL: [Self; 7] = [
        Self::Country,
        Self::Region,
        Self::City,
        Self::Latitude,
        Self::Longitude,
        Self::Asn,
        Self::AsOrganization,
    ];

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.name() == name)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Country => "country",
            Self::Region => "region",
            Self::City => "city",
            Self::Latitude => "latitude",
            Self::Longitude => "longitude",
            Self::Asn => "asn",
            Self::AsOrganization => "as_organization",
        }
    }

    pub(crate) fn data_type(self) -> DataType {
        match self {
            Self::Country | Self::Region | Self::City | Self::AsOrganization => DataType::Utf8,
            Self::Latitude | Self::Longitude => DataType::Float64,
            Self::Asn => DataType::Int64,
        }
    }

    /// JSON pointers into a record, the first that leads to a value counts: as
    /// [MaxMind](https://dev.maxmind.com/geoip/docs/databases/) and
    /// [DB-IP](https://db-ip.com/db/format/) write it, as GeoIP2 Enterprise does,
    /// as [IPinfo](https://ipinfo.io/developers/database-types) does.
    fn pointers(self) -> &'static [&'static str] {
        match self {
            Self::Country => &["/country/iso_code", "/country_code", "/country"],
            Self::Region => &["/subdivisions/0/names/en", "/region"],
            Self::City => &["/city/names/en", "/city"],
            Self::Latitude => &["/location/latitude", "/latitude", "/lat"],
            Self::Longitude => &["/location/longitude", "/longitude", "/lng"],
            Self::Asn => &[
                "/autonomous_system_number",
                "/traits/autonomous_system_number",
                "/asn",
            ],
            Self::AsOrganization => &[
                "/autonomous_system_organization",
                "/traits/autonomous_system_organization",
                "/as_name",
            ],
        }
    }

    /// The part in a record, in its data type.
    pub(crate) fn of(self, record: &Value) -> Option<ScalarValue> {
        let found = |pointer: &&str| record.pointer(pointer);
        let mut values = self.pointers().iter().filter_map(found);
        values.find_map(|value| match self {
            Self::Latitude | Self::Longitude => degrees(value).map(ScalarValue::from),
            Self::Asn => number_of_as(value).map(ScalarValue::from),
            Self::Country => text(value)
                // IPinfo Lite has the name of the country there.
                .filter(|code| code.len() == 2)
                .map(ScalarValue::from),
            Self::Region | Self::City | Self::AsOrganization => text(value).map(ScalarValue::from),
        })
    }
}

fn text(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| !text.is_empty())
}

/// A number, or one as text.
fn degrees(value: &Value) -> Option<f64> {
    let number = value.as_f64();
    let number = number.or_else(|| value.as_str()?.parse().ok());
    number.filter(|number: &f64| number.is_finite())
}

/// A number, or a text such as `AS64500`.
fn number_of_as(value: &Value) -> Option<i64> {
    let number = value.as_i64();
    number.or_else(|| value.as_str()?.strip_prefix("AS")?.parse().ok())
}
