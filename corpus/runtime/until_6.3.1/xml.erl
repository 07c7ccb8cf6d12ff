%%% Stand-in for the functions of `xml' that handlers call, which is gone since 6.3.1.
-module(xml).

-include("jlib.hrl").

-export([get_tag_attr/2, get_tag_attr_s/2, get_attr/2, get_attr_s/2, get_subtag/2, get_tag_cdata/1, get_cdata/1,
         get_path_s/2, remove_cdata/1, append_subtags/2, replace_tag_attr/3]).

get_tag_attr(Name, #xmlel{attrs = Attrs}) -> get_attr(Name, Attrs).

get_tag_attr_s(Name, #xmlel{attrs = Attrs}) -> get_attr_s(Name, Attrs).

get_attr(Name, Attrs) ->
    case lists:keyfind(Name, 1, Attrs) of
        {_, Value} -> {value, Value};
        false -> false
    end.

get_attr_s(Name, Attrs) -> proplists:get_value(Name, Attrs, <<>>).

get_subtag(#xmlel{children = Children}, Name) -> first([El || #xmlel{name = N} = El <- Children, N =:= Name]).

first([El | _]) -> El;
first([]) -> false.

get_tag_cdata(#xmlel{children = Children}) -> get_cdata(Children).

get_cdata(Children) -> iolist_to_binary([Content || #xmlcdata{content = Content} <- Children]).

get_path_s(El, []) ->
    El;
get_path_s(El, [{elem, Name} | Rest]) ->
    case get_subtag(El, Name) of
        false -> <<>>;
        Child -> get_path_s(Child, Rest)
    end;
get_path_s(El, [{attr, Name}]) -> get_tag_attr_s(Name, El);
get_path_s(El, [cdata]) -> get_tag_cdata(El).

remove_cdata(Children) -> [El || #xmlel{} = El <- Children].

append_subtags(#xmlel{children = Children} = El, More) -> El#xmlel{children = Children ++ More}.

replace_tag_attr(Name, Value, El) -> jlib:replace_tag_attr(Name, Value, El).
