%%% Stand-in for the functions of `exml_query' that handlers call.
-module(exml_query).

-include("jlib.hrl").

-export([attr/2, attr/3, cdata/1, path/2, path/3, paths/2, subelement/2, subelement/3, subelements/2,
         subelement_with_name_and_ns/3]).

attr(El, Name) -> attr(El, Name, undefined).

attr(#xmlel{attrs = Attrs}, Name, Default) -> proplists:get_value(Name, ?PAIRS(Attrs), Default).

cdata(#xmlel{children = Children}) ->
    iolist_to_binary([Content || #xmlcdata{content = Content} <- Children]).

path(El, Path) -> path(El, Path, undefined).

path(El, [], _Default) -> El;
path(El, [cdata], _Default) -> cdata(El);
path(El, [{attr, Name}], Default) -> attr(El, Name, Default);
path(El, [{element, Name} | Rest], Default) ->
    case subelement(El, Name) of
        undefined -> Default;
        Child -> path(Child, Rest, Default)
    end.

paths(El, [{attr, Name}]) -> [Value || {N, Value} <- ?PAIRS(El#xmlel.attrs), N =:= Name];
paths(El, [{element, Name} | Rest]) -> [Found || Child <- subelements(El, Name), Found <- paths(Child, Rest)].

subelement(El, Name) -> subelement(El, Name, undefined).

subelement(El, Name, Default) -> first(subelements(El, Name), Default).

subelements(#xmlel{children = Children}, Name) ->
    [Child || #xmlel{name = N} = Child <- Children, N =:= Name].

subelement_with_name_and_ns(El, Name, Namespace) ->
    first([Child || Child <- subelements(El, Name), attr(Child, <<"xmlns">>) =:= Namespace], undefined).

first([First | _], _Default) -> First;
first([], Default) -> Default.
