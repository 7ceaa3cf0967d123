//! Checks of WhatsApp's webhook as two functions, which hold the secrets.

use super::whatsapp::signature::WebhookVerifyError;

/// Returns the response to the query of a verification request (WhatsApp: `hub.challenge`), or why it is refused.
pub type AnswerChallenge = dyn Fn(&str) -> Result<String, WebhookVerifyError> + Send + Sync;
/// Whether a raw body has the right signature, given the signature header, which may be absent.
pub type IsSigned = dyn Fn(&[u8], Option<&str>) -> bool + Send + Sync;

/// Checks requests to WhatsApp's webhook.
pub struct WebhookVerifier {
    pub answer_challenge: Box<AnswerChallenge>,
    pub is_signed: Box<IsSigned>,
}
