//! Opening and making the Delta tables.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema};
use deltalake_core::DeltaTable;
use deltalake_core::kernel::StructType;
use deltalake_core::kernel::engine::arrow_conversion::TryIntoKernel as _;
use deltalake_core::logstore::{LogStoreRef, StorageConfig, default_logstore};
use deltalake_core::operations::create::CreateBuilder;
use object_store::ObjectStore;
use object_store::prefix::PrefixStore;
use trailwright_schemas::{
    PARTITION_COLUMNS, event_schema, files_schema, policy_timeline_schema, rejected_schema,
    replayed_schema,
};

use crate::error::LakeError;
use crate::location::Location;
use crate::merge::Order;
use crate::stored::StoredFile;

/// The table of events.
pub const EVENTS: &str = "events";
/// The table of what could not become an event.
pub const REJECTED: &str = "rejected";

/// The table of what the policy timeline is made from.
pub const POLICY_TIMELINE: &str = "policy_timeline";

/// The ledger of files that were read.
pub const FILES: &str = "files";

/// The table of rejected rows that were read again and gave records.
pub const REPLAYED: &str = "replayed";

/// Which of the tables.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Definition {
    pub(crate) name: &'static str,
    schema: fn() -> Schema,
    partition_columns: &'static [&'static str],
    /// In which order compaction writes rows.
    pub(crate) order: Order,
    /// Which files compaction may make one of: those of one stretch.
    pub(crate) stretch: fn(&StoredFile) -> Option<String>,
}

pub(crate) const EVENTS_TABLE: Definition = Definition {
    name: EVENTS,
    schema: event_schema,
    partition_columns: &PARTITION_COLUMNS,
    order: Order::AccountPrincipalTime,
    stretch: |file| {
        let (region, date) = (file.trail_region()?, file.event_date()?);
        Some(format!("{region} {date}"))
    },
};

pub(crate) const REJECTED_TABLE: Definition = Definition {
    name: REJECTED,
    schema: rejected_schema,
    partition_columns: &[],
    order: Order::By("rejected_at"),
    // So that retention takes whole files out.
    stretch: |file| Some(file.latest("rejected_at")?.date_naive().to_string()),
};

pub(crate) const POLICY_TIMELINE_TABLE: Definition = Definition {
    name: POLICY_TIMELINE,
    schema: policy_timeline_schema,
    partition_columns: &[],
    order: Order::By("timeline_version"),
    stretch: |_| Some(String::new()),
};

pub(crate) const FILES_TABLE: Definition = Definition {
    name: FILES,
    schema: files_schema,
    partition_columns: &[],
    order: Order::By("read_at"),
    stretch: |_| Some(String::new()),
};

pub(crate) const REPLAYED_TABLE: Definition = Definition {
    name: REPLAYED,
    schema: replayed_schema,
    partition_columns: &[],
    order: Order::By("replayed_at"),
    stretch: |_| Some(String::new()),
};

/// History is evidence: the log is kept for a year. Which files were replaced
/// when is remembered a day longer than vacuum keeps them by default; every
/// checkpoint names them all.
const PROPERTIES: [(&str, &str); 3] = [
    ("delta.appendOnly", "false"),
    ("delta.logRetentionDuration", "interval 365 days"),
    ("delta.deletedFileRetentionDuration", "interval 8 days"),
];

impl Definition {
    /// Opens the table, or says `None` when it does not exist.
    pub(crate) async fn open(
        &self,
        location: &Location,
        store: &Arc<dyn ObjectStore>,
    ) -> Result<Option<DeltaTable>, LakeError> {
        let mut table = DeltaTable::new(self.log_store(location, store));
        let exists = table.verify_deltatable_existence().await;
        if !exists.map_err(LakeError::table("look for", self.name))? {
            return Ok(None);
        }
        table
            .load()
            .await
            .map_err(LakeError::table("open", self.name))?;
        self.check_schema(&table, location)?;
        Ok(Some(table))
    }

    /// Opens the table and makes it first if need be. Two processes may do so
    /// at once: the one that comes second opens what the first made.
    pub(crate) async fn open_or_create(
        &self,
        location: &Location,
        store: &Arc<dyn ObjectStore>,
    ) -> Result<DeltaTable, LakeError> {
        if let Some(table) = self.open(location, store).await? {
            return Ok(table);
        }
        let columns: StructType = (&without_metadata(&(self.schema)())).try_into_kernel()?;
        let created = CreateBuilder::new()
            .with_log_store(self.log_store(location, store))
            .with_table_name(self.name)
            .with_columns(columns.fields().cloned())
            .with_partition_columns(self.partition_columns.iter().copied())
            .with_configuration(PROPERTIES.map(|(key, value)| (key, Some(value))))
            .await;
        match created {
            Ok(table) => Ok(table),
            Err(error) => {
                let raced = self.open(location, store).await?;
                raced.ok_or_else(|| LakeError::table("create", self.name)(error))
            }
        }
    }

    fn log_store(&self, location: &Location, store: &Arc<dyn ObjectStore>) -> LogStoreRef {
        let url = location.table_url(self.name);
        let prefix = object_store::path::Path::from_url_path(url.path()).unwrap_or_default();
        let prefixed = Arc::new(PrefixStore::new(store.clone(), prefix));
        default_logstore(prefixed, store.clone(), &url, &StorageConfig::default())
    }

    fn check_schema(&self, table: &DeltaTable, location: &Location) -> Result<(), LakeError> {
        let snapshot = table
            .snapshot()
            .map_err(LakeError::table("open", self.name))?;
        let found = types(&snapshot.snapshot().arrow_schema());
        let wanted = types(&(self.schema)());
        let difference = wanted
            .iter()
            .find(|(name, kind)| found.get(*name) != Some(kind))
            .map(|(name, kind)| match found.get(name) {
                Some(other) => format!("{name} is {other} and should be {kind}"),
                None => format!("{name} ({kind}) is missing"),
            });
        match difference {
            None => Ok(()),
            Some(difference) => Err(LakeError::Schema {
                table: self.name,
                location: location.to_string(),
                difference,
            }),
        }
    }
}

/// The columns of a schema with their types, without the names of list
/// elements, which readers and writers of Delta spell differently.
fn types(schema: &Schema) -> HashMap<String, String> {
    let describe = |field: &Field| match field.data_type() {
        DataType::List(element) => match element.data_type() {
            DataType::Struct(_) => "list of struct".to_owned(),
            other => format!("list of {other}"),
        },
        other => other.to_string(),
    };
    schema
        .fields()
        .iter()
        .map(|field| (field.name().clone(), describe(field)))
        .collect()
}

/// Field IDs belong into the Parquet files; in the Delta log they would switch
/// on column mapping, which not every reader knows.
fn without_metadata(schema: &Schema) -> Schema {
    let fields: Vec<Field> = schema
        .fields()
        .iter()
        .map(|field| field.as_ref().clone().with_metadata(HashMap::new()))
        .collect();
    Schema::new(fields)
}
