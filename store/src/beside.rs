//! Work that takes a processor for a while.

use tokio::runtime::{Handle, RuntimeFlavor};

/// Does `work` on another thread, so that who waits for it can do something else
/// meanwhile; on this one where the runtime has no other.
pub(crate) async fn beside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match Handle::current().runtime_flavor() {
        RuntimeFlavor::CurrentThread => work(),
        _ => match tokio::task::spawn_blocking(work).await {
            Ok(done) => done,
            // A defect there is one here too. Nobody cancels it.
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => std::future::pending().await,
            },
        },
    }
}
