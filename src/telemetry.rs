//! What the process tells about itself: its log and, of the daemon, metrics and
//! whether it is well.

#[cfg(feature = "kafka")]
mod daemon;
#[cfg(feature = "kafka")]
mod health;
#[cfg(feature = "kafka")]
mod http;
#[cfg(feature = "kafka")]
mod lag;
mod log;
#[cfg(feature = "kafka")]
mod metrics;
#[cfg(feature = "kafka")]
mod process;

#[cfg(feature = "kafka")]
pub(crate) use self::daemon::{Held, Telemetry};
#[cfg(feature = "kafka")]
pub(crate) use self::http::serve;
pub(crate) use self::log::{Form, Log};
