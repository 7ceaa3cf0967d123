//! Identifiers. Each has its own type, so that they cannot be mixed up.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text.into())
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(
    /// An interaction: one WhatsApp session on its way through the contact centre.
    InteractionId
);
id!(
    /// An agent, by the ID of the contact centre.
    EmployeeId
);
id!(
    /// A customer in the contact database. Phone numbers and user IDs are its aliases.
    ContactId
);
id!(
    /// A request. The client chooses the ID, so that the server recognises a repeat.
    OperationId
);
id!(
    /// A party of a session.
    ParticipantId
);
