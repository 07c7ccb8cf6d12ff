//! The progress bar: on standard error, on a terminal, and only when there is time to look at it.

use std::io::{self, IsTerminal, Write};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::project::options::Progress;

/// A run that is over sooner shows no bar.
const PATIENCE: Duration = Duration::from_millis(300);
const REDRAW: Duration = Duration::from_millis(100);

/// Runs `work`, and shows how far it is when it takes long.
pub fn with_bar<T>(progress: &Arc<Progress>, work: impl FnOnce() -> T) -> T {
    if !io::stderr().is_terminal() {
        return work();
    }
    let _watcher = Watcher::start(Arc::clone(progress));
    work()
}

/// A thread that draws; it ends, and wipes what it drew, when this is dropped, be it by a panic.
struct Watcher {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watcher {
    fn start(progress: Arc<Progress>) -> Self {
        let (stop, stopped) = channel();
        let thread = std::thread::Builder::new().name("progress".to_owned()).spawn(move || watch(&progress, &stopped));
        Self {
            stop: Some(stop),
            // Without a thread to spare there is no bar, which is no reason to fail.
            thread: thread.ok(),
        }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn watch(progress: &Progress, stopped: &Receiver<()>) {
    if !still_running(stopped, PATIENCE) {
        return;
    }
    let mut drawn = 0;
    loop {
        let (done, total) = progress.state();
        let bar = bar(done, total);
        drawn = drawn.max(bar.len());
        // Whether anybody sees it does not matter to the run.
        let _ = write!(io::stderr(), "\r{bar}");
        if !still_running(stopped, REDRAW) {
            break;
        }
    }
    let _ = write!(io::stderr(), "\r{:drawn$}\r", "");
}

/// How many characters wide the bar is.
const WIDTH: usize = 40;

fn bar(done: usize, total: usize) -> String {
    let filled = (WIDTH * done.min(total)).checked_div(total).unwrap_or(0);
    format!("{:-<WIDTH$} {done}/{total} files", "#".repeat(filled))
}

fn still_running(stopped: &Receiver<()>, time: Duration) -> bool {
    stopped.recv_timeout(time) == Err(RecvTimeoutError::Timeout)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_is_filled_as_far_as_the_run_is() {
        let filled = |done, total| bar(done, total).matches('#').count();
        assert_eq!([filled(0, 0), filled(0, 10), filled(5, 10), filled(10, 10)], [0, 0, WIDTH / 2, WIDTH]);
        assert!(bar(5, 10).ends_with("- 5/10 files"));
    }
}
