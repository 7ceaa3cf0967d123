//! Runs the effects of the console.

use super::event_loop::{FollowUp, Loan};
use crate::app::Effect;
use crate::app::core::msg::{RequestError, What};
use crate::app::features::lock::{AuthFailure, Password};
use crate::domain::{InteractionId, OperationId};
use crate::net::verify::{VerifyError, verify};
use crate::net::{self, ToNet};
use crate::proto::request::{ReadPositions, Request};
use crate::store::drafts::Drafts;
use crate::term::caps::Caps;
use crate::term::screen::Screen;
use crate::term::{clipboard, editor, notify};
use std::io::{self, Write};
use tokio::sync::mpsc;

/// Runs effects.
pub(super) struct EffectRunner {
    /// The connection. Full only when a server has stopped answering: then a request counts as not sent.
    pub(super) to_net: mpsc::Sender<ToNet>,
    /// Events of its tasks for the loop.
    pub(super) reports: mpsc::Sender<What>,
    /// Drafts on disk; `None` when they cannot be stored.
    pub(super) drafts: Option<Drafts>,
    pub(super) caps: Caps,
    /// How the console connects, to verify a password.
    pub(super) connection: net::ConnectionSettings,
}

impl EffectRunner {
    /// Runs one effect, and returns what is left to the loop.
    ///
    /// # Errors
    /// When the terminal cannot be written.
    pub(super) async fn run<W: Write>(
        &mut self,
        effect: Effect,
        screen: &mut Screen<W>,
    ) -> io::Result<FollowUp<What>> {
        match effect {
            Effect::Call { operation, request } => self.call(operation, request),
            Effect::Authenticate { operation, password } => self.authenticate(operation, password),
            Effect::SignOut(read) => self.sign_out(read).await,
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
            Effect::SaveDraft { session, draft } => self.store(|drafts| drafts.save(session, draft)),
            Effect::SaveFiles { session, files } => self.store(|drafts| drafts.save_files(session, files)),
            Effect::KeepUnsent { session, message } => {
                self.store(|drafts| drafts.save_message(session, message))
            }
            Effect::ForgetUnsent(operation) => self.store(|drafts| drafts.remove_message(operation)),
            Effect::KeepSeen { session, entry } => self.store(|drafts| drafts.mark_viewed(session, entry)),
            Effect::LoadKept => self.load_kept(),
            Effect::CaptureMouse(on) => return Ok(FollowUp::CaptureMouse(on)),
            Effect::Edit { session, text } => return Ok(self.edit(session, text)),
            Effect::Suspend => return Ok(FollowUp::Suspend),
            Effect::Redraw => return Ok(FollowUp::Redraw),
            // The loop sees in the state that the console ends.
            Effect::Quit => {}
        }
        Ok(FollowUp::Nothing)
    }

    fn call(&self, operation: OperationId, request: Request) {
        if self.to_net.try_send(ToNet::Call { operation: operation.clone(), request }).is_err() {
            let error = RequestError::NotSent("the connection is busy or closed".to_owned());
            self.report(What::Reply { operation, result: Err(error) });
        }
    }

    fn authenticate(&self, operation: OperationId, password: Password) {
        let (settings, reports) = (self.connection.clone(), self.reports.clone());
        tokio::spawn(async move {
            let answer = verify(&settings, password.secret().clone()).await;
            let result = answer.map_err(|error| match error {
                VerifyError::Wrong => AuthFailure::Wrong,
                VerifyError::Unknown(words) => AuthFailure::Unknown(words),
            });
            // A loop that has ended needs no answer.
            let _ = reports.send(What::Authenticated { operation, result }).await;
        });
    }

    /// Signs out. The console ends when the connection reports its end; without a connection it ends at once.
    async fn sign_out(&self, read: ReadPositions) {
        if self.to_net.send(ToNet::SignOut(read)).await.is_err() {
            self.report(What::Terminate);
        }
    }

    fn store(&self, change: impl FnOnce(&Drafts)) {
        if let Some(drafts) = &self.drafts {
            change(drafts);
        }
    }

    fn load_kept(&self) {
        let Some(drafts) = self.drafts.clone() else { return };
        let reports = self.reports.clone();
        tokio::spawn(async move {
            let kept = match drafts.load().await {
                Ok(kept) => kept,
                Err(error) => {
                    let _ = reports.send(What::Trouble(error.to_string())).await;
                    return;
                }
            };
            let _ = reports.send(What::Seen { entries: kept.seen, last: kept.last }).await;
            let (drafts, unsent, files) = (kept.drafts, kept.unsent, kept.files);
            let _ = reports.send(What::Kept { drafts, unsent, files }).await;
        });
    }

    /// Opens the editor on a draft. The connection stays meanwhile.
    fn edit(&self, session: InteractionId, text: String) -> FollowUp<What> {
        let command = match editor::command(|name| std::env::var(name).ok()) {
            Ok(command) => command,
            Err(error) => return FollowUp::Event(What::Trouble(error.to_string())),
        };
        let busy = Err("an editor is open already; your text is unchanged".to_owned());
        let busy = What::Edited { session: session.clone(), result: busy };
        let reports = self.reports.clone();
        let editor = Box::pin(async move {
            let result = editor::edit(&text, &command).await.map_err(|error| error.to_string());
            let _ = reports.send(What::Edited { session, result }).await;
        });
        FollowUp::Lend(Loan { editor, busy })
    }

    /// Puts an event into the loop's queue without waiting for room.
    fn report(&self, what: What) {
        let reports = self.reports.clone();
        tokio::spawn(async move {
            let _ = reports.send(what).await;
        });
    }
}
