//! WhatsApp's side: webhooks in, Graph API out.

pub mod inbound;
