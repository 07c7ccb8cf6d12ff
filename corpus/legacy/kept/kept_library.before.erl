%%% Lets a library do the work.
-module(kept_library).
-behaviour(gen_mod).
-export([start/2, stop/1]).

start(HostType, _Opts) -> ejabberd_hooks:add(remove_user, HostType, acme_gdpr, forget, 50).

stop(HostType) -> ejabberd_hooks:delete(remove_user, HostType, acme_gdpr, forget, 50).
