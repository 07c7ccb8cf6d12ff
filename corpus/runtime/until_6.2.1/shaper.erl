%%% Stand-in: a shaper that lets everything pass.
-module(shaper).

-export([new/1, update/2]).

new(Name) -> {shaper, Name}.

update(Shaper, _Size) -> {Shaper, 0}.
