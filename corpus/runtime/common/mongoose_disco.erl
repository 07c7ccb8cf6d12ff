%%% Stand-in: features that are found so far are part of the accumulator.
-module(mongoose_disco).

-export([add_features/2]).

add_features(Features, #{result := empty} = Acc) -> Acc#{result := Features};
add_features(Features, #{result := Known} = Acc) -> Acc#{result := Known ++ Features}.
