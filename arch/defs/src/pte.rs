//! Page-table entries.
