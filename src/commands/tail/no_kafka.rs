//! In a build without Kafka nothing comes from there.

use std::io::Write;
use std::path::Path;

use super::printer::Printer;
use crate::Host;
use crate::args::{Common, Tail};
use crate::config::Config;
use crate::failure::Failure;
use crate::live::Request;

pub(super) async fn tail<W: Write>(
    _: &Tail,
    _: Option<&Path>,
    _: &Config,
    _: &Common,
    _: &Host,
    _: &Request,
    _: &mut Printer<W>,
) -> Result<(), Failure> {
    Err(Failure::usage(
        "this build has no Kafka client: build it with cargo install --path . --features kafka (needs a C++ compiler and make)",
    ))
}
