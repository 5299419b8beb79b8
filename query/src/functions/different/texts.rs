//! The different texts of groups.

use std::hash::BuildHasher as _;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray as _, BooleanArray, Int64Array, LargeStringBuilder, ListArray,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field};
use datafusion::common::exec_datafusion_err;
use datafusion::error::Result;
use datafusion::logical_expr::{EmitTo, GroupsAccumulator};
use hashbrown::{DefaultHashBuilder, HashTable};

/// What is told of the texts of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Told {
    HowMany,
    All,
}

/// The different texts of each group, in the order in which they came.
pub(super) struct Texts {
    told: Told,
    data_type: DataType,
    /// Whether null counts as a text.
    with_null: bool,
    groups: usize,
    found: Vec<Found>,
    /// All texts, one after the other.
    bytes: String,
    /// Places in `found`.
    table: HashTable<usize>,
    hasher: DefaultHashBuilder,
}

/// A text of a group.
struct Found {
    group: usize,
    hash: u64,
    /// Where it begins in `bytes`, and ends; `None` is null.
    text: Option<(usize, usize)>,
}

impl Texts {
    pub(super) fn new(told: Told, data_type: DataType, with_null: bool) -> Self {
        Self {
            told,
            data_type,
            with_null,
            groups: 0,
            found: Vec::new(),
            bytes: String::new(),
            table: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
        }
    }

    fn add(&mut self, group: usize, text: Option<&str>) {
        if text.is_none() && !self.with_null {
            return;
        }
        let hash = self.hasher.hash_one((group, text));
        let (found, bytes) = (&self.found, &self.bytes);
        let is_it =
            |place: &usize| found[*place].group == group && found[*place].text(bytes) == text;
        if self.table.find(hash, is_it).is_some() {
            return;
        }
        let place = found.len();
        self.table
            .insert_unique(hash, place, |place| found[*place].hash);
        let begin = self.bytes.len();
        self.bytes += text.unwrap_or_default();
        self.found.push(Found {
            group,
            hash,
            text: text.map(|_| (begin, self.bytes.len())),
        });
    }

    /// The texts of the first groups, which are forgotten, as places in what is returned
    /// with them, and how many each group has.
    fn take(&mut self, emit_to: EmitTo) -> (Self, Vec<usize>) {
        let empty = Self::new(self.told, self.data_type.clone(), self.with_null);
        let taken = std::mem::replace(self, empty);
        let first = match emit_to {
            EmitTo::All => taken.groups,
            EmitTo::First(groups) => groups,
        };
        self.groups = taken.groups - first;
        for later in taken.found.iter().filter(|found| found.group >= first) {
            self.add(later.group - first, later.text(&taken.bytes));
        }
        let mut counts = vec![0; first];
        for found in &taken.found {
            if let Some(count) = counts.get_mut(found.group) {
                *count += 1;
            }
        }
        (taken, counts)
    }

    /// The texts of the first groups, a list each.
    fn lists(&self, counts: &[usize]) -> Result<ArrayRef> {
        let offsets = OffsetBuffer::<i32>::from_lengths(counts.iter().copied());
        let mut next: Vec<usize> = Vec::with_capacity(counts.len());
        let mut sum = 0;
        for count in counts {
            next.push(sum);
            sum += count;
        }
        let mut sorted = vec![0; sum];
        for (place, found) in self.found.iter().enumerate() {
            if let Some(next) = next.get_mut(found.group) {
                sorted[*next] = place;
                *next += 1;
            }
        }
        let mut texts = LargeStringBuilder::new();
        for place in sorted {
            texts.append_option(self.found[place].text(&self.bytes));
        }
        let nulls = match self.told {
            Told::HowMany => None,
            Told::All => Some(NullBuffer::from_iter(counts.iter().map(|count| *count > 0))),
        };
        let texts = cast(&texts.finish(), &self.data_type)?;
        let field = Arc::new(Field::new_list_field(self.data_type.clone(), true));
        Ok(Arc::new(ListArray::try_new(field, offsets, texts, nulls)?))
    }
}

impl Found {
    fn text<'b>(&self, bytes: &'b str) -> Option<&'b str> {
        self.text.map(|(begin, end)| &bytes[begin..end])
    }
}

impl GroupsAccumulator for Texts {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        self.groups = total_num_groups;
        for (row, (group, text)) in group_indices.iter().zip(texts(&values[0])?).enumerate() {
            if is_chosen(opt_filter, row) {
                self.add(*group, text);
            }
        }
        Ok(())
    }

    fn merge_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        total_num_groups: usize,
    ) -> Result<()> {
        self.groups = total_num_groups;
        let lists = values[0].as_list_opt::<i32>().ok_or_else(|| {
            exec_datafusion_err!("texts are no list but {}", values[0].data_type())
        })?;
        for (group, list) in group_indices.iter().zip(lists.iter()) {
            let Some(list) = list else { continue };
            for text in texts(&list)? {
                self.add(*group, text);
            }
        }
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let (taken, counts) = self.take(emit_to);
        match self.told {
            Told::HowMany => {
                let counts = counts
                    .into_iter()
                    .map(|count| i64::try_from(count).unwrap_or(i64::MAX));
                Ok(Arc::new(Int64Array::from_iter_values(counts)))
            }
            Told::All => taken.lists(&counts),
        }
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let (taken, counts) = self.take(emit_to);
        Ok(vec![taken.lists(&counts)?])
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        opt_filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        let mut rows = Self::new(self.told, self.data_type.clone(), self.with_null);
        let each: Vec<usize> = (0..values[0].len()).collect();
        rows.update_batch(values, &each, opt_filter, each.len())?;
        rows.state(EmitTo::All)
    }

    fn size(&self) -> usize {
        size_of_val(self)
            + self.found.capacity() * size_of::<Found>()
            + self.bytes.capacity()
            + self.table.allocation_size()
    }
}

/// Whether the condition of a FILTER holds.
fn is_chosen(filter: Option<&BooleanArray>, row: usize) -> bool {
    filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row))
}

fn texts<'a>(array: &'a ArrayRef) -> Result<Box<dyn Iterator<Item = Option<&'a str>> + 'a>> {
    match array.data_type() {
        DataType::Utf8 => Ok(Box::new(array.as_string::<i32>().iter())),
        DataType::LargeUtf8 => Ok(Box::new(array.as_string::<i64>().iter())),
        DataType::Utf8View => Ok(Box::new(array.as_string_view().iter())),
        other => Err(exec_datafusion_err!("{other} is no text")),
    }
}
