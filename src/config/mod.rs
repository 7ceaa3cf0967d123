//! What people may set, and what is said when it is wrong.
