//! Does what the application wants done.

use crate::app::Effect;
use crate::app::lock::AuthFailure;
use crate::app::msg::{RequestError, What};
use crate::domain::InteractionId;
use crate::net::verify::{VerifyError, verify};
use crate::net::{self, ToNet};
use crate::store::drafts::Drafts;
use crate::term::caps::Caps;
use crate::term::screen::Screen;
use crate::term::{clipboard, notify};
use std::io::{self, Write};
use tokio::sync::mpsc;

/// Where effects go.
pub(super) struct Effects {
    /// The connection. Full only when a server has stopped answering: then a request counts as not sent.
    pub(super) to_net: mpsc::Sender<ToNet>,
    /// What tasks of ours report.
    pub(super) internal: mpsc::Sender<What>,
    /// Drafts on disk.
    pub(super) drafts: Option<Drafts>,
    /// What the terminal can do.
    pub(super) caps: Caps,
    /// How the console connects, to ask about a password.
    pub(super) connection: net::Settings,
}

/// What the loop itself has to do after an effect.
pub(super) enum Flow {
    /// Nothing.
    On,
    /// Draw everything anew.
    Redraw,
    /// Stop for job control.
    Suspend,
    /// Take the mouse, or give it back.
    Mouse(bool),
    /// Lend the terminal to an editor.
    Lend(InteractionId, String),
}

impl Effects {
    /// Does one.
    pub(super) async fn run<W: Write>(&mut self, effect: Effect, screen: &mut Screen<W>) -> io::Result<Flow> {
        match effect {
            Effect::Call { operation, request } => {
                if self.to_net.try_send(ToNet::Call { operation: operation.clone(), request }).is_err() {
                    let error = RequestError::NotSent("the connection is busy or closed".to_owned());
                    self.report(What::Reply { operation, result: Err(error) });
                }
            }
            Effect::Authenticate { operation, password } => {
                let (settings, internal) = (self.connection.clone(), self.internal.clone());
                tokio::spawn(async move {
                    let answer = verify(&settings, password.secret().clone()).await;
                    let result = answer.map_err(|error| match error {
                        VerifyError::Wrong => AuthFailure::Wrong,
                        VerifyError::Unknown(words) => AuthFailure::Unknown(words),
                    });
                    // A loop that has ended needs no answer.
                    let _ = internal.send(What::Authenticated { operation, result }).await;
                });
            }
            Effect::SignOut(read) => {
                // The loop ends when the connection says that it is over, or when it is gone.
                if self.to_net.send(ToNet::SignOut(read)).await.is_err() {
                    self.report(What::Terminate);
                }
            }
            Effect::Bell => screen.send(b"\x07")?,
            Effect::Title(text) => {
                if self.caps.title {
                    screen.send(&notify::title(&text))?;
                }
            }
            Effect::Copy(text) => match clipboard::copy(&text, self.caps.multiplexer) {
                Ok(bytes) => screen.send(&bytes)?,
                Err(error) => self.report(What::Trouble(error.to_string())),
            },
            Effect::SaveDraft { session, draft } => {
                if let Some(drafts) = &self.drafts {
                    drafts.save(session, draft);
                }
            }
            Effect::SaveFiles { session, files } => {
                if let Some(drafts) = &self.drafts {
                    drafts.save_files(session, files);
                }
            }
            Effect::KeepUnsent { session, message } => {
                if let Some(drafts) = &self.drafts {
                    drafts.keep(session, message);
                }
            }
            Effect::ForgetUnsent(operation) => {
                if let Some(drafts) = &self.drafts {
                    drafts.forget(operation);
                }
            }
            Effect::KeepSeen { session, entry } => {
                if let Some(drafts) = &self.drafts {
                    drafts.seen(session, entry);
                }
            }
            Effect::LoadKept => {
                if let Some(drafts) = &self.drafts {
                    let (reader, internal) = (drafts.clone(), self.internal.clone());
                    tokio::spawn(async move {
                        let kept = match reader.load().await {
                            Ok(kept) => kept,
                            Err(error) => {
                                let _ = internal.send(What::Trouble(error.to_string())).await;
                                return;
                            }
                        };
                        let _ = internal.send(What::Seen { entries: kept.seen, last: kept.last }).await;
                        let (drafts, unsent, files) = (kept.drafts, kept.unsent, kept.files);
                        let _ = internal.send(What::Kept { drafts, unsent, files }).await;
                    });
                }
            }
            Effect::CaptureMouse(on) => return Ok(Flow::Mouse(on)),
            Effect::Edit { session, text } => return Ok(Flow::Lend(session, text)),
            Effect::Suspend => return Ok(Flow::Suspend),
            Effect::Redraw => return Ok(Flow::Redraw),
            // The state says that it ends; the loop looks there.
            Effect::Quit => {}
        }
        Ok(Flow::On)
    }

    /// Puts something in the loop's own queue without waiting for it.
    fn report(&self, what: What) {
        let internal = self.internal.clone();
        tokio::spawn(async move {
            let _ = internal.send(what).await;
        });
    }
}
