-module(mod_acme).
-export([config_spec/0, price/1]).

config_spec() ->
    #section{items = #{<<"shelves">> => #option{type = integer},
                       <<"greeting">> => #option{type = string}}}.

price(Item) -> Item.
