//! What the process tells about itself: its log and, of the daemon, metrics and
//! whether it is well.

mod daemon;
mod health;
mod lag;
mod log;
mod metrics;
mod process;

pub(crate) use self::daemon::{Held, Telemetry};
pub(crate) use self::log::{Form, Log, Volume};
pub(crate) use self::metrics::CONTENT_TYPE as METRICS_CONTENT_TYPE;
