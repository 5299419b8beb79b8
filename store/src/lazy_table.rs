//! A keyed table that a lake from before there was one does not have, until
//! something is put into it.

use std::sync::Arc;

use deltalake_core::DeltaTable;
use object_store::ObjectStore;

use crate::error::LakeError;
use crate::keyed_table::KeyedTable;
use crate::location::Location;
use crate::table::Definition;

#[derive(Debug)]
pub(crate) struct LazyTable {
    definition: &'static Definition,
    id_column: &'static str,
    table: Option<KeyedTable>,
}

impl LazyTable {
    pub(crate) fn new(definition: &'static Definition, id_column: &'static str) -> Self {
        Self {
            definition,
            id_column,
            table: None,
        }
    }

    pub(crate) fn table(&self) -> Option<&KeyedTable> {
        self.table.as_ref()
    }

    pub(crate) fn table_mut(&mut self) -> Option<&mut KeyedTable> {
        self.table.as_mut()
    }

    /// Looks whether there is one, or what others put into it.
    pub(crate) async fn refresh(
        &mut self,
        location: &Location,
        store: &Arc<dyn ObjectStore>,
    ) -> Result<(), LakeError> {
        match &mut self.table {
            Some(table) => table.refresh().await,
            None => {
                let opened = self.definition.open(location, store).await?;
                self.table = opened.map(|table| self.keyed(table));
                Ok(())
            }
        }
    }

    /// The table, made if need be.
    pub(crate) async fn for_writing(
        &mut self,
        location: &Location,
        store: &Arc<dyn ObjectStore>,
    ) -> Result<&mut KeyedTable, LakeError> {
        if self.table.is_none() {
            let made = self.definition.open_or_create(location, store).await?;
            self.table = Some(self.keyed(made));
        }
        let missing = || LakeError::NotFound {
            location: location.to_string(),
        };
        self.table.as_mut().ok_or_else(missing)
    }

    fn keyed(&self, table: DeltaTable) -> KeyedTable {
        KeyedTable::new(table, self.definition, self.id_column)
    }

    /// Makes the IDs in it known; nothing to know when there is no table.
    pub(crate) async fn load_ids(&mut self) -> Result<(), LakeError> {
        match &mut self.table {
            Some(table) => table.load_ids().await,
            None => Ok(()),
        }
    }

    /// Whether a row is in it, as far as IDs were loaded.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.table.as_ref().is_some_and(|table| table.has(id))
    }
}
