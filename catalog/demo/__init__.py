"""The demo's shop: a public data set turned into the feeds that any shop would send."""
