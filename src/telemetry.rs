//! What the process tells about itself: its log and, of the daemon, metrics and
//! whether it is well.

mod daemon;
mod health;
mod http;
mod lag;
mod log;
mod metrics;
mod process;

pub(crate) use self::daemon::{Held, Telemetry};
pub(crate) use self::http::serve;
pub(crate) use self::log::{Form, Log, Volume};
