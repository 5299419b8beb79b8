//! `count(DISTINCT text)` and `array_agg(DISTINCT text)` of many groups.
//!
//! DataFusion 55 keeps a table of its own for each group, of 16 KiB and more, so that
//! half a million groups take all memory of a machine, and looks at every group for
//! every batch. Here all groups have one table. Everything else is as the engine does it.

mod texts;

use std::sync::Arc;

use arrow::datatypes::{DataType, FieldRef};
use datafusion::error::Result;
use datafusion::functions_aggregate::array_agg::array_agg_udaf;
use datafusion::functions_aggregate::count::count_udaf;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::AggregateOrderSensitivity;
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, GroupsAccumulator, ReversedUDAF, SetMonotonicity,
    Signature, StatisticsArgs,
};
use datafusion::scalar::ScalarValue;

use self::texts::{Texts, Told};

pub(super) fn functions() -> [AggregateUDF; 2] {
    [(count_udaf(), Told::HowMany), (array_agg_udaf(), Told::All)]
        .map(|(engine, told)| AggregateUDF::from(OfTexts { engine, told }))
}

/// A function of the engine that does different texts in groups another way.
#[derive(Debug, PartialEq, Eq, Hash)]
struct OfTexts {
    engine: Arc<AggregateUDF>,
    told: Told,
}

fn is_of_different_texts(args: &AccumulatorArgs<'_>) -> bool {
    let is_text = match args.expr_fields {
        [field] => matches!(
            field.data_type(),
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View
        ),
        _ => false,
    };
    is_text && args.is_distinct && args.order_bys.is_empty()
}

impl AggregateUDFImpl for OfTexts {
    fn groups_accumulator_supported(&self, args: AccumulatorArgs<'_>) -> bool {
        is_of_different_texts(&args) || self.engine.inner().groups_accumulator_supported(args)
    }

    fn create_groups_accumulator(
        &self,
        args: AccumulatorArgs<'_>,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        if !is_of_different_texts(&args) {
            return self.engine.inner().create_groups_accumulator(args);
        }
        let data_type = args.expr_fields[0].data_type().clone();
        let with_null = self.told == Told::All && !args.ignore_nulls;
        Ok(Box::new(Texts::new(self.told, data_type, with_null)))
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        self.engine.inner().accumulator(args)
    }

    fn create_sliding_accumulator(
        &self,
        args: AccumulatorArgs<'_>,
    ) -> Result<Box<dyn Accumulator>> {
        self.engine.inner().create_sliding_accumulator(args)
    }

    fn name(&self) -> &str {
        self.engine.name()
    }

    fn signature(&self) -> &Signature {
        self.engine.signature()
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.engine.inner().return_type(types)
    }

    fn is_nullable(&self) -> bool {
        self.engine.inner().is_nullable()
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        self.engine.inner().state_fields(args)
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        self.engine.inner().order_sensitivity()
    }

    fn with_beneficial_ordering(
        self: Arc<Self>,
        beneficial_ordering: bool,
    ) -> Result<Option<Arc<dyn AggregateUDFImpl>>> {
        let engine = Arc::clone(self.engine.inner());
        engine.with_beneficial_ordering(beneficial_ordering)
    }

    fn reverse_expr(&self) -> ReversedUDAF {
        self.engine.inner().reverse_expr()
    }

    fn default_value(&self, data_type: &DataType) -> Result<ScalarValue> {
        self.engine.inner().default_value(data_type)
    }

    fn value_from_stats(&self, args: &StatisticsArgs<'_>) -> Option<ScalarValue> {
        self.engine.inner().value_from_stats(args)
    }

    fn set_monotonicity(&self, data_type: &DataType) -> SetMonotonicity {
        self.engine.inner().set_monotonicity(data_type)
    }

    fn supports_null_handling_clause(&self) -> bool {
        self.engine.inner().supports_null_handling_clause()
    }
}

#[cfg(test)]
mod tests;
