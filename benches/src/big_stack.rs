//! A thread with a stack of 4 GiB.
//!
//! Several peers mark or drop recursively: a million objects are too deep for the stack that a program starts with. Only
//! pages that are touched take memory.

/// Runs `body` on such a thread, to its end.
///
/// # Panics
/// With the panic of `body`, and if the system refuses the thread.
pub fn run<R: Send + 'static>(body: impl FnOnce() -> R + Send + 'static) -> R {
    let thread =
        std::thread::Builder::new().stack_size(4 << 30).spawn(body).expect("a thread with 4 GiB of stack");
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
