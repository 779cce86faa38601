//! `jrsonnet-gcmodule`, a fork of `gcmodule`.

super::gcmodule::peer!(jrsonnet_gcmodule, JrsonnetGcModule, "jrsonnet-gcmodule");
