"""One file per policy. A public module here is a rule the council keeps."""
