//! The options of the section `interaction-workspace`, spelled as Genesys spells them.
