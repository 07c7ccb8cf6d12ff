-module(mod_acme).
-export([config_spec/0]).

config_spec() ->
    #section{items = #{<<"shelves">> => #option{type = integer}}}.
