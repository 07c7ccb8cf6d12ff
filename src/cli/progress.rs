//! The progress bar: on standard error, on a terminal, and only when there is time to look at it.

use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

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
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} files") {
        bar.set_style(style);
    }
    loop {
        let (done, total) = progress.state();
        bar.set_length(total as u64);
        bar.set_position(done as u64);
        if !still_running(stopped, REDRAW) {
            break;
        }
    }
    bar.finish_and_clear();
}

fn still_running(stopped: &Receiver<()>, time: Duration) -> bool {
    stopped.recv_timeout(time) == Err(RecvTimeoutError::Timeout)
}
