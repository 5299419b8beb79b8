//! Directories and buckets in which new files appear.

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::NaiveDate;
use futures::stream::{self, BoxStream, StreamExt};
use object_store::ObjectStore;

use super::delivery::folder_of_days;
use super::{Discovered, ObjectPrefix, SourceError, files, objects};

/// Keys in one answer of S3 to a request for a list.
const KEYS_PER_REQUEST: u64 = 1000;
/// Lists that are asked for at the same time.
const LISTS_AT_ONCE: usize = 8;

/// A place that is looked through again and again.
///
/// Every look can be a whole one, which sees every file whatever its name. When
/// that is dear, most looks go only into the folders of some days: CloudTrail
/// puts a file into the folder of the day of its delivery. What such a look does
/// not see, the next whole one does.
pub struct Place {
    root: Root,
    /// Folders above those of days, as the last whole look found them.
    folders: BTreeSet<String>,
    /// Files that the last whole look found.
    files: u64,
}

#[derive(Clone)]
enum Root {
    Directory(PathBuf),
    Objects(ObjectPrefix),
}

impl Place {
    /// Reads `s3://bucket/prefix` or the path of a directory. `open_bucket` is
    /// only called for a bucket.
    pub fn open(
        argument: &str,
        open_bucket: impl FnOnce(&str) -> object_store::Result<Arc<dyn ObjectStore>>,
    ) -> Result<Self, SourceError> {
        if argument.starts_with("s3://") {
            return Ok(Self::of_objects(ObjectPrefix::open(argument, open_bucket)?));
        }
        Ok(Self::of(Root::Directory(argument.into())))
    }

    /// A prefix of a store that is known already.
    pub fn of_objects(prefix: ObjectPrefix) -> Self {
        Self::of(Root::Objects(prefix))
    }

    fn of(root: Root) -> Self {
        Self {
            root,
            folders: BTreeSet::new(),
            files: 0,
        }
    }

    /// Everything there is, in no particular order.
    pub fn look(&mut self) -> BoxStream<'static, Discovered> {
        self.folders.clear();
        self.files = 0;
        self.root.list(None)
    }

    /// What lies in the folders of `days`, if that takes fewer requests than
    /// everything, as far as a whole look has told.
    pub fn look_at(&self, days: &[NaiveDate]) -> Option<BoxStream<'static, Discovered>> {
        let folders = self.folders.len() * days.len();
        let whole = self.files.div_ceil(KEYS_PER_REQUEST);
        if folders == 0 || folders as u64 >= whole {
            return None;
        }
        let of_days = |folder: &String| {
            let days = days.iter().map(|day| day.format("%Y/%m/%d"));
            days.map(|day| format!("{folder}/{day}"))
                .collect::<Vec<_>>()
        };
        let folders: Vec<String> = self.folders.iter().flat_map(of_days).collect();
        let root = self.root.clone();
        let lists = stream::iter(folders).map(move |folder| root.list(Some(&folder)));
        Some(lists.flatten_unordered(LISTS_AT_ONCE).boxed())
    }

    /// Remembers where a whole look found a file.
    pub fn note(&mut self, name: &str) {
        self.files += 1;
        if let Some(folder) = folder_of_days(name)
            && !self.folders.contains(folder)
        {
            self.folders.insert(folder.to_owned());
        }
    }
}

impl Root {
    /// All of it, or what lies in a folder, given by its name as found.
    fn list(&self, folder: Option<&str>) -> BoxStream<'static, Discovered> {
        match (self, folder) {
            (Self::Directory(path), None) => files::discover(path.clone()),
            // The folder of a day is made when its first file comes.
            (Self::Directory(_), Some(folder)) => match std::path::Path::new(folder) {
                folder if folder.is_dir() => files::discover(folder.to_owned()),
                _ => stream::empty().boxed(),
            },
            (Self::Objects(prefix), None) => objects::list(prefix.clone()),
            (Self::Objects(prefix), Some(folder)) => match prefix.within(folder) {
                Some(folder) => objects::list(folder),
                None => stream::empty().boxed(),
            },
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.root {
            Root::Directory(path) => write!(f, "{}", path.display()),
            Root::Objects(prefix) => write!(f, "{prefix}"),
        }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use chrono::NaiveDate;
    use futures::StreamExt as _;
    use object_store::memory::InMemory;
    use object_store::path::Path;
    use object_store::{ObjectStore, ObjectStoreExt as _};
    use std::sync::Arc;

    use super::{Discovered, ObjectPrefix, Place};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    async fn names(look: impl futures::Stream<Item = Discovered>) -> Vec<String> {
        let names = look.map(|discovered| match discovered {
            Discovered::Input(input) => input.name,
            other => format!("{other:?}"),
        });
        let mut names: Vec<String> = names.collect().await;
        names.sort();
        names
    }

    async fn bucket(keys: &[&str]) -> Arc<dyn ObjectStore> {
        let store = InMemory::new();
        for key in keys {
            store.put(&Path::from(*key), "{}".into()).await.unwrap();
        }
        Arc::new(store)
    }

    fn place(store: &Arc<dyn ObjectStore>, prefix: &str) -> Place {
        Place::of_objects(ObjectPrefix::in_store(
            store.clone(),
            "s3://logs".to_owned(),
            Path::from(prefix),
        ))
    }

    #[tokio::test]
    async fn a_look_at_days_sees_the_folders_that_the_whole_look_found() {
        let store = bucket(&[
            "AWSLogs/1/CloudTrail/eu-west-1/2026/03/08/a.json.gz",
            "AWSLogs/1/CloudTrail/eu-west-1/2026/03/09/b.json.gz",
            "AWSLogs/1/CloudTrail/eu-west-1/2026/03/10/c.json.gz",
            "AWSLogs/other.json",
            "elsewhere/d.json",
        ])
        .await;
        let mut place = place(&store, "AWSLogs");
        let whole = names(place.look()).await;
        assert_eq!(whole.len(), 4, "{whole:?}");
        whole.iter().for_each(|name| place.note(name));
        let days = [day("2026-03-09"), day("2026-03-10")];
        assert!(place.look_at(&days).is_none(), "one request lists it all");
        for number in 0..3000 {
            place.note(&format!("s3://logs/AWSLogs/{number}.json"));
        }
        let recent = names(place.look_at(&days).unwrap()).await;
        assert_eq!(
            recent,
            [
                "s3://logs/AWSLogs/1/CloudTrail/eu-west-1/2026/03/09/b.json.gz",
                "s3://logs/AWSLogs/1/CloudTrail/eu-west-1/2026/03/10/c.json.gz",
            ]
        );
    }

    #[tokio::test]
    async fn a_bucket_that_is_still_empty_is_no_mistake() {
        let store = bucket(&[]).await;
        assert_eq!(names(place(&store, "AWSLogs").look()).await.len(), 0);
    }

    #[tokio::test]
    async fn directories_have_folders_of_days_too() {
        let directory = tempfile::tempdir().unwrap();
        let folder = directory.path().join("CloudTrail/eu-west-1");
        for day in ["2026/03/08", "2026/03/09"] {
            std::fs::create_dir_all(folder.join(day)).unwrap();
            std::fs::write(folder.join(day).join("a.json"), "{}").unwrap();
        }
        let mut place =
            Place::open(directory.path().to_str().unwrap(), |_| unreachable!()).unwrap();
        let whole = names(place.look()).await;
        whole.iter().for_each(|name| place.note(name));
        (0..3000).for_each(|number| place.note(&format!("{number}.json")));
        let recent = place.look_at(&[day("2026-03-09"), day("2026-03-10")]);
        assert_eq!(names(recent.unwrap()).await, whole[1..]);
    }
}
