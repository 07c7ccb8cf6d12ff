//! A language server: the findings and fixes of the command line inside an editor, and what is known about hooks where it
//! is needed.
//!
//! One thread reads messages, one writes them, and one does the rest in the order in which messages come: documents are
//! changed at once, what depends on them is looked at when no further message waits, or when a request needs it. Requests
//! that take longer, as those for edits, get a thread of their own with a copy of what they need.
//!
//! * `transport`: messages over standard input and output;
//! * `server`: which message is answered by what;
//! * `session`, `folder`, `document`: what is known;
//! * `convert`, `diagnostics`: findings as the protocol has them;
//! * `actions`, `hover`, `completion`, `navigate`: one for each thing that can be asked;
//! * `site`: what stands under the cursor.

mod actions;
mod client;
mod completion;
mod convert;
mod diagnostics;
mod document;
mod folder;
mod hover;
mod navigate;
mod params;
mod server;
mod session;
mod site;
#[cfg(test)]
mod tests;
mod transport;

pub use lsp_server::{Connection, Message, Notification, Request, Response};
pub use server::Ended;

/// Serves one client over standard input and output, until it says `exit` or is gone.
///
/// # Errors
/// Threads cannot be started.
pub fn stdio() -> anyhow::Result<Ended> {
    let (connection, writer) = transport::stdio()?;
    let ended = serve(&connection);
    // Everything that was to be said is written before the end.
    drop(connection);
    let _ = writer.join();
    Ok(ended)
}

/// Serves one client over a connection.
#[must_use]
pub fn serve(connection: &Connection) -> Ended {
    server::Server::new(connection).run()
}

/// A text after changes as `textDocument/didChange` has them, as the server makes them; columns count in `unit`. `None` where they
/// are not understood.
#[must_use]
pub fn changed(text: &str, changes: serde_json::Value, unit: crate::source::Unit) -> Option<String> {
    let changes = serde_json::from_value(changes).ok()?;
    let uri = "file:///mod_x.erl".parse().ok()?;
    let mut document = document::Document::new(uri, "/mod_x.erl".into(), 1, true, text.to_owned());
    document.change(changes, unit);
    Some(document.text().to_owned())
}

/// Two ends of a connection within one process; neither waits for the other to take what it sends.
#[must_use]
pub fn memory() -> (Connection, Connection) {
    let ((to_server, from_client), (to_client, from_server)) =
        (crossbeam_channel::unbounded(), crossbeam_channel::unbounded());
    let server = Connection { sender: to_client, receiver: from_client };
    (server, Connection { sender: to_server, receiver: from_server })
}
